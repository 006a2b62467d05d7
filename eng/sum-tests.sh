#!/usr/bin/env bash
# Adds up the result files of a test run. Usage: sum-tests.sh FOLDER; prints "PASSED FAILED SKIPPED".
set -euo pipefail

folder=$1
find "$folder" -name '*.trx' -print0 | xargs -0 -r grep -ho '<Counters [^>]*>' | awk '
  function number(name,    found) {
    if (match($0, " " name "=\"[0-9]+\"")) {
      found = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
      return found + 0
    }
    return 0
  }
  {
    total = number("total"); passed += number("passed")
    bad = number("failed") + number("error") + number("timeout") + number("aborted")
    failed += bad
    skipped += total - number("passed") - bad
  }
  END { printf "%d %d %d\n", passed, failed, skipped }'
