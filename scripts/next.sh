#!/usr/bin/env bash
# Builds the application of test/fixtures/next with Next.js, and prints its folder as the last line of stdout.
#
# The folder is kept in ${XDG_CACHE_HOME:-~/.cache}/swansong and made again only if the application or the version changes. The output of
# npm and of the build goes to stderr.
#
# Exit codes: 0 the application is built; 1 it could not be.
set -euo pipefail

version=16.4.6
react=19.3.1
api=1.9.1

root=$(cd "$(dirname "$0")/.." && pwd)
hash=$(cd "$root/test/fixtures/next" && find . -type f | sort | xargs -d '\n' cat | sha256sum | cut -c 1-12)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/swansong/next-$version-$hash

if [ ! -d "$folder" ]; then
  mkdir -p "$(dirname "$folder")"
  work=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  export NEXT_TELEMETRY_DISABLED=1
  {
    cp -r "$root/test/fixtures/next/." "$work"
    npm install --silent --no-save --no-audit --no-fund --prefix "$work" "next@$version" "react@$react" "react-dom@$react" "@opentelemetry/api@$api"
    cd "$work"
    node node_modules/next/dist/bin/next build
  } >&2
  # Two may build in parallel: each has its own folder, and the rename is atomic.
  mv -T "$work" "$folder" || [ -d "$folder" ]
fi

echo "$folder"
