#!/usr/bin/env bash
# Runs a PostgreSQL server of its own in the foreground, until it is killed: scripts/postgresql.sh PORT FOLDER
#
# On 127.0.0.1, with its data in FOLDER, which must be empty. It has the database `postgres`, and a user of that name who needs no
# password. Output goes to stderr.
#
# PostgreSQL is installed from Debian's packages if it is missing, which needs root; its service is not started.
#
# Exit codes: 1 the server did not start; 2 wrong arguments; 3 PostgreSQL is not installed and cannot be.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo 'Usage: scripts/postgresql.sh PORT FOLDER' >&2
  exit 2
fi
port=$1
folder=$2

# Debian has its programs in a folder of the version's.
programs() { find /usr/lib/postgresql -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -1; }
PATH=$PATH:$(programs)
if ! command -v initdb >/dev/null; then
  "$(dirname "$0")/debian-package.sh" initdb postgresql
  PATH=$PATH:$(programs)
fi
export PATH

# The server refuses to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
  chown postgres "$folder"
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
cd /
"${as[@]}" initdb -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >&2
exec "${as[@]}" postgres -D "$folder/data" -h 127.0.0.1 -p "$port" -k "$folder" -c fsync=off -c max_connections=200 >&2
