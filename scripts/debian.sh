#!/usr/bin/env bash
# Installs what the system tests need from Debian. Does nothing, quickly, when
# all of it is there; never starts a service, never removes a package.
set -euo pipefail

packages=(dovecot-imapd postfix swaks postgresql make gcc libc6-dev chromium chromium-l10n fonts-inter fonts-dejavu-core fonts-noto-color-emoji)
# Node.js from elsewhere brings its own npm, and Debian's would quarrel with it.
command -v npm >/dev/null || packages+=(npm)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "This is no Debian: install ${missing[*]} by the means of your system; the system tests need them." >&2
  exit 0
fi

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)

# The packages' scripts ask policy-rc.d whether they may start a service: no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi

echo 'postfix postfix/main_mailer_type select Local only' | "${as_root[@]}" debconf-set-selections

install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install --yes --no-install-recommends --no-remove "${missing[@]}" </dev/null
}

echo "installing ${missing[*]}"
if ! install; then
  "${as_root[@]}" apt-get update
  install
fi

# Nor are they to start with the machine's next boot.
if [ -d /run/systemd/system ]; then
  for service in dovecot postfix postgresql; do
    [[ " ${missing[*]} " != *" $service"* ]] || "${as_root[@]}" systemctl disable --quiet "$service"
  done
fi
