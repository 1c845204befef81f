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

"$(dirname "$0")/debian-package.sh" redis-server redis-server

exec redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --daemonize no "$@" >&2
