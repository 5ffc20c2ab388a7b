#!/bin/sh
# Everything in one run: prepare, serve, measure, write results/<date>.json, print the table.
#   SIZES="1000 100000 1000000" ROUNDS=3 SECONDS_EACH=5 BENCH_TMP=/some/dir sh benchmarks/run.sh
set -eu
cd "$(dirname "$0")/.."
exec "${PYTHON:-python3}" -m benchmarks "$@"
