#!/usr/bin/env bash
# Runs curl under a policy: one request passes, one is refused by its path, and one connection by its address. Needs root.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"

[[ $EUID == 0 ]] || {
  echo "policyproxy run needs root: sudo $0" >&2
  exit 1
}
build "$here/../Sidecar/Upstream"
start upstream "Now listening on: " dotnet run --project "$here/../Sidecar/Upstream" -c Release --no-build --no-launch-profile -- --urls http://127.0.0.1:0
base=${found[upstream]}

confined() {
  # region run
  "$root/policyproxy" run --policy "$here/policies" --summary none -- "$@"
  # endregion
}

request() {
  local status=$1
  shift
  code=$(confined curl -sS -o /dev/null -w '%{http_code}' --max-time 20 "$@")
  [[ $code == "$status" ]] || {
    echo "curl $*: expected $status, got $code" >&2
    exit 1
  }
  printf '%s  curl %s\n' "$code" "$*"
}

request 200 "$base/public"
request 403 "$base/private"
request 403 -X POST "$base/public"
if confined curl -sS --max-time 20 http://192.0.2.1/public 2> "$logs/refused"; then
  echo "192.0.2.1 was reached" >&2
  exit 1
fi
cat "$logs/refused"
echo "Run sample: as expected"
