#!/usr/bin/env bash
# Builds a Go tool at a pinned version into a cache, outside this module's own
# requirements: tool.sh TARGET PACKAGE@VERSION.
set -euo pipefail

target=$1 package=$2
mkdir -p "$(dirname "$target")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo "building $package"
cd "$scratch" # away from go.mod, so that the tool resolves its own dependencies
GOBIN=$scratch GOFLAGS=-buildvcs=false nice go install "$package"
mv "$scratch"/* "$target"
