#!/usr/bin/env bash
# Installs a package of Debian if a command is missing, which needs root; its service is not started:
# scripts/debian-package.sh COMMAND PACKAGE
#
# Output goes to stderr. Exit codes: 2 wrong arguments; 3 the command is missing, and the package cannot be installed.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo 'Usage: scripts/debian-package.sh COMMAND PACKAGE' >&2
  exit 2
fi
command=$1
package=$2

command -v "$command" >/dev/null && exit
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "$0: there is no $command on the PATH: apt-get install --no-install-recommends $package" >&2
  exit 3
fi
# Several may run in parallel: this file is the lock. A service that starts by itself would take the usual port.
(
  flock 9
  command -v "$command" >/dev/null && exit
  policy=/usr/sbin/policy-rc.d
  [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && trap 'rm "$policy"' EXIT; }
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package"
) 9<"$0" >&2
