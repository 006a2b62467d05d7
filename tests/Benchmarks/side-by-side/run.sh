#!/usr/bin/env bash
# Compares policyproxy with HAProxy, nginx and YARP at the same work on this machine. Usage: run.sh http1 [--quick] [--help]
# Results: artifacts/side-by-side/http1.md and http1.json. Exit code 1 = somebody answered wrongly; the report says who.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../../.." && pwd)
output=$root/artifacts/side-by-side

if [[ ${1:-} != http1 ]]; then
  echo "usage: run.sh http1 [--quick] [--only PATTERN] [--rounds N] [--seconds N]" >&2
  exit 2
fi
shift

# program:Debian package
missing=()
for need in haproxy:haproxy nginx:nginx-light wrk:wrk python3:python3 taskset:util-linux clang:clang; do
  command -v "${need%%:*}" > /dev/null || missing+=("${need##*:}")
done
command -v dotnet > /dev/null || missing+=("the .NET SDK, see global.json")
if [[ ${#missing[@]} -gt 0 ]]; then
  printf 'run.sh: missing: %s\n' "${missing[*]}" >&2
  exit 2
fi

mkdir -p "$output"
dotnet publish "$root/src/PolicyProxy.Sidecar" -r linux-x64 -c Release -v quiet --nologo -o "$output/policyproxy" >&2
dotnet publish "$here/Yarp" -c Release -v quiet --nologo -o "$output/yarp" >&2

cd -- "$here"
PYTHONDONTWRITEBYTECODE=1 exec python3 -m harness --root "$root" --output "$output" "$@"
