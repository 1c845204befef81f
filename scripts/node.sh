#!/usr/bin/env bash
# Installs a version of Node from npm, beside the one that runs this, and prints the path of its binary as the last line of stdout:
# scripts/node.sh VERSION
#
# A major version (`26`) is the newest release of it. The binary is kept in ${XDG_CACHE_HOME:-~/.cache}/swansong. npm's output goes to stderr.
#
# Exit codes: 1 it could not be installed; 2 wrong arguments.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo 'Usage: scripts/node.sh VERSION' >&2
  exit 2
fi

# npm publishes one package for each platform.
package=$(node -p '`node-${process.platform}-${process.arch}`')
version=$(npm view "$package@$1" version --json | node -p '[JSON.parse(fs.readFileSync(0, "utf8"))].flat().at(-1)')
folder=${XDG_CACHE_HOME:-$HOME/.cache}/swansong/node-$version

if [ ! -x "$folder/node" ]; then
  mkdir -p "$folder"
  work=$(mktemp -d "$folder/install.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  npm install --silent --no-save --prefix "$work" "$package@$version" >&2
  # Two may run in parallel: each has its own folder, and the rename is atomic.
  mv "$work/node_modules/$package/bin/node" "$folder/node"
fi

echo "$folder/node"
