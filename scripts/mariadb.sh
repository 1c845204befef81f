#!/usr/bin/env bash
# Runs a MariaDB server of its own in the foreground, until it is killed: scripts/mariadb.sh PORT FOLDER
#
# On 127.0.0.1, with its data in FOLDER, which must be empty. It has a database `shop`, and a user `root` without a password.
# Output goes to stderr.
#
# MariaDB is installed from Debian's packages if it is missing, which needs root; its service is not started.
#
# Exit codes: 1 the server did not start; 2 wrong arguments; 3 MariaDB is not installed and cannot be.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo 'Usage: scripts/mariadb.sh PORT FOLDER' >&2
  exit 2
fi
port=$1
folder=$2

export PATH=$PATH:/usr/sbin
"$(dirname "$0")/debian-package.sh" mariadbd mariadb-server

# Root has to name another user, which then owns the data.
user=$(id -un)
if [ "$user" = root ]; then
  user=mysql
  chown "$user" "$folder"
fi
printf 'CREATE DATABASE IF NOT EXISTS shop;\n' >"$folder/init.sql"
chmod a+r "$folder/init.sql"
mariadb-install-db --no-defaults --datadir="$folder/data" --user="$user" --auth-root-authentication-method=normal --skip-test-db >&2
exec mariadbd --no-defaults --datadir="$folder/data" --user="$user" --bind-address=127.0.0.1 --port="$port" \
  --socket="$folder/mariadb.sock" --pid-file="$folder/mariadb.pid" --init-file="$folder/init.sql" --skip-name-resolve \
  --innodb-flush-log-at-trx-commit=0 --max-connections=500 >&2
