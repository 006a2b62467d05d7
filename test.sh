#!/usr/bin/env bash
# Builds everything and runs every test. Usage: ./test.sh [FILTER] [further options of dotnet test]
# FILTER is a test filter such as "FullyQualifiedName~Gate". The last line reads "N passed, N failed".
set -uo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")" || exit 1

command -v dotnet > /dev/null || {
  echo "test.sh: the .NET SDK is needed; see global.json for the version" >&2
  exit 1
}
eng/prerequisites.sh

filter=()
if [[ $# -gt 0 && $1 != -* ]]; then
  filter=(--filter "$1")
  shift
fi

results=artifacts/test-results
rm -rf "$results"

dotnet build PolicyProxy.sln -c Release -v quiet --nologo || {
  echo "test.sh: the build failed" >&2
  echo "0 passed, 1 failed"
  exit 1
}

# One project at a time: tests inside a project already run in parallel. A project in which no test has begun or ended for
# five minutes is stopped, and what ran then is named: a test that waits for ever must not look like one that is slow.
hang=(--blame-hang --blame-hang-timeout 5m --blame-hang-dump-type mini)
dotnet test PolicyProxy.sln -c Release --no-build --nologo -m:1 --logger trx --results-directory "$results" "${hang[@]}" "${filter[@]}" "$@"
code=$?

passed=0 failed=0 skipped=0
[[ -d $results ]] && read -r passed failed skipped < <(eng/sum-tests.sh "$results")
# A test host that died reports no failed test, but the run has failed.
if [[ $code -ne 0 && $failed -eq 0 ]]; then failed=1; fi
if [[ $((passed + failed)) -eq 0 ]]; then
  echo "test.sh: no test ran" >&2
  code=1
fi

line="$passed passed, $failed failed"
[[ $skipped -gt 0 ]] && line+=", $skipped skipped"
echo "$line"
exit "$code"
