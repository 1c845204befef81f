#!/usr/bin/env bash
# Runs a Redis server of its own in the foreground, until it is killed: scripts/redis.sh PORT [OPTION ...]
#
# On 127.0.0.1, with its data in memory only. The options are those of redis-server, such as `--cluster-enabled yes --dir FOLDER`.
# Output goes to stderr.
#
# Redis is installed from Debian's packages if it is missing, which needs root; its service is not started.
#
# Exit codes: 1 the server did not start; 2 wrong arguments; 3 Redis is not installed and cannot be.
set -euo pipefail

if [ $# -lt 1 ]; then
  echo 'Usage: scripts/redis.sh PORT [OPTION ...]' >&2
  exit 2
fi
port=$1
shift

if ! command -v redis-server >/dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'scripts/redis.sh: there is no redis-server on the PATH: apt-get install --no-install-recommends redis-server' >&2
    exit 3
  fi
  # Two may run in parallel. A service that starts by itself would take the usual port.
  (
    flock 9
    command -v redis-server >/dev/null && exit
    policy=/usr/sbin/policy-rc.d
    [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && trap 'rm "$policy"' EXIT; }
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server
  ) 9>/tmp/swansong-redis.lock >&2
fi

exec redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --daemonize no "$@" >&2
