#!/usr/bin/env bash
# Regenerates what is generated and fails if that differs from what is committed.
set -euo pipefail

# The checkout may belong to another user than the one who runs this.
state() { git -c safe.directory='*' status --porcelain; git -c safe.directory='*' diff | cksum; }

before=$(state)
make generate
after=$(state)
if [ "$before" != "$after" ]; then
  echo 'generated files are out of date: run `make generate` and commit what it changes' >&2
  echo "$after" >&2
  exit 1
fi
