#!/usr/bin/env bash
# Runs a FerretDB server of its own in the foreground, until it is killed: scripts/ferretdb.sh FOLDER PORT
#
# It speaks MongoDB's protocol on 127.0.0.1, and keeps its data in FOLDER by SQLite. Output goes to stderr.
#
# It is built from its Go modules, and the binary is kept in ${XDG_CACHE_HOME:-~/.cache}/swansong; --build does only that.
#
# Exit codes: 1 the build failed, or the server did not start; 2 wrong arguments; 3 Go is not installed.
set -euo pipefail

if [ $# -ne 2 ] && [ "$*" != --build ]; then
  echo 'Usage: scripts/ferretdb.sh FOLDER PORT, or scripts/ferretdb.sh --build' >&2
  exit 2
fi

version=v1.24.2
binary=${XDG_CACHE_HOME:-$HOME/.cache}/swansong/ferretdb-$version

if [ ! -x "$binary" ]; then
  # Go's own installation folder is often not on the PATH of a script.
  go=$(command -v go || true)
  go=${go:-/usr/local/go/bin/go}
  if [ ! -x "$go" ]; then
    echo "scripts/ferretdb.sh: building FerretDB $version needs Go 1.23 or later, and there is no go on the PATH (https://go.dev/doc/install)" >&2
    exit 3
  fi
  mkdir -p "${binary%/*}"
  work=$(mktemp -d "$binary.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "building FerretDB $version (once, some minutes)" >&2
  (
    cd "$work"
    "$go" mod init swansong.invalid/ferretdb
    module=$("$go" mod download -json "github.com/FerretDB/FerretDB@$version" | sed -n 's/^\s*"Dir": "\(.*\)",\?$/\1/p')
    cp -r "$module" source
    chmod -R u+w source
    cd source
    # It does not start without its version, which is not in the module.
    echo "$version" >build/version/version.txt
    CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -p=2" "$go" build -o ../ferretdb ./cmd/ferretdb
  ) >&2
  # Two may run in parallel: the rename is atomic.
  mv "$work/ferretdb" "$binary"
  rm -rf "$work"
  trap - EXIT
fi

if [ "$1" = --build ]; then exit; fi

mkdir -p "$1"
data=$(cd "$1" && pwd)
port=$2
exec "$binary" --handler=sqlite --sqlite-url="file:$data/" --state-dir="$data" --listen-addr="127.0.0.1:$port" --debug-addr=- \
  --telemetry=disable --log-level=warn >&2
