#!/usr/bin/env bash
# Gets the Apache Kafka broker from Maven Central, and prints the folder of its jars as the last line of stdout:
# java -cp "$folder/*" kafka.Kafka server.properties
#
# The jars are kept in ${XDG_CACHE_HOME:-~/.cache}/swansong. Maven's output goes to stderr.
#
# Exit codes: 0 the jars exist; 1 the download failed; 3 Java or Maven is not installed.
set -euo pipefail

version=3.9.1
folder=${XDG_CACHE_HOME:-$HOME/.cache}/swansong/kafka-$version

for program in java mvn; do
  command -v "$program" >/dev/null && continue
  echo "scripts/kafka.sh: the Kafka broker needs Java 17 or later and Maven, and there is no $program on the PATH: apt-get install --no-install-recommends default-jre-headless maven" >&2
  exit 3
done

if [ ! -d "$folder" ]; then
  mkdir -p "${folder%/*}"
  work=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cat >"$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>swansong</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
POM
  echo "getting Apache Kafka $version (once, some minutes)" >&2
  mvn --batch-mode --quiet --file "$work/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$work/jars" >&2
  # Two may run in parallel: the rename is atomic, and the folder of the other one does as well.
  mv -T "$work/jars" "$folder" 2>/dev/null || [ -d "$folder" ]
fi

echo "$folder"
