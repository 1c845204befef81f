#!/bin/bash
# Makes the certificates that the tests use: an authority, a server for 127.0.0.1 and localhost, a client.
# They protect nothing and are valid for 100 years, so that nobody has to run this again.
set -euo pipefail
cd "$(dirname "$0")"

authority() { # file, common name
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 \
    -subj "/CN=$2" -addext 'basicConstraints=critical,CA:TRUE' -keyout "$1-key.pem" -out "$1.pem"
}

signed() { # file, common name, extensions
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$1-key.pem" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -days 36500 -extfile <(printf '%s' "$3") -out "$1.pem"
  rm "$1.csr"
}

authority ca 'swansong test authority'
authority other-ca 'an authority nobody trusts'
signed server localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1'
signed client 'swansong test client' 'extendedKeyUsage=clientAuth'
rm ca-key.pem other-ca-key.pem
