#!/usr/bin/env bash
# Builds the OpenTelemetry Collector from its Go modules, with its builder and the components of
# collector-config/builder.yaml, and prints the path of the binary as the last line of stdout.
#
# The binary is kept in ${XDG_CACHE_HOME:-~/.cache}/swansong and rebuilt only if builder.yaml changes, not counting
# comments. The output of the build goes to stderr.
#
# Exit codes: 0 the binary exists; 1 the build failed; 3 Go is not installed.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
manifest=$root/collector-config/builder.yaml
version=$(sed -n 's/^  version: //p' "$manifest")
hash=$(grep -v '^ *#' "$manifest" | sha256sum | cut -c 1-12)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/swansong/otelcol-$version-$hash

if [ ! -x "$folder/otelcol" ]; then
  # Go's own installation folder is often not on the PATH of a script.
  go=$(command -v go || true)
  go=${go:-/usr/local/go/bin/go}
  if [ ! -x "$go" ]; then
    echo "scripts/otelcol.sh: building the OpenTelemetry Collector $version needs Go 1.25 or later, and there is no go on the PATH (https://go.dev/doc/install)" >&2
    exit 3
  fi

  mkdir -p "$folder"
  work=$(mktemp -d "$folder/build.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "building the OpenTelemetry Collector $version (once, some minutes)" >&2
  export PATH="${go%/*}:$PATH" GOFLAGS="${GOFLAGS:-} -p=2" CGO_ENABLED=0

  {
    GOBIN=$work go install "go.opentelemetry.io/collector/cmd/builder@v$version"
    # The output folder is temporary, so it is set here and not in the manifest.
    sed "s|^dist:|dist:\n  output_path: $work/sources|" "$manifest" >"$work/builder.yaml"
    "$work/builder" --config "$work/builder.yaml" --ldflags='-s -w'
  } >&2

  # Two builds may run in parallel: each has its own folder, and the rename is atomic.
  mv "$work/sources/otelcol" "$folder/otelcol"
fi

echo "$folder/otelcol"
