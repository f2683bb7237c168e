#!/usr/bin/env bash
# Lays what the browser tests need from npm beside them, at the versions of
# their lock. Does nothing, quickly, when it is there; runs no script of a package.
set -euo pipefail
cd "$(dirname "$0")/../system/browser"

stamp=node_modules/.installed
if [ -e "$stamp" ] && cmp --silent package-lock.json "$stamp"; then
  exit 0
fi
npm ci --ignore-scripts --no-audit --no-fund
cp package-lock.json "$stamp"
