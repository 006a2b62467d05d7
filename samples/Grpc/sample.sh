#!/usr/bin/env bash
# Starts the service on a free port; two calls pass, one is refused. Then the same before a sidecar that has the policy instead.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"

build "$here"
"$root/policyproxy" version > "$logs/version"    # built before anybody waits for it
run=(dotnet run --project "$here" -c Release --no-build --no-launch-profile --)
start service "Now listening on: " "${run[@]}" --urls http://127.0.0.1:0

# call SERVER METHOD EXPECTED: what a client sees.
call() {
  local got
  got=$("${run[@]}" call "$1" "$2" book) || true
  if [[ $got != "$3" ]]; then
    echo "$2: expected \"$3\", got \"$got\"" >&2
    exit 1
  fi
  echo "$got"
}

call "${found[service]}" GetItem "GetItem: book"
call "${found[service]}" ListItems $'ListItems: book 1\nListItems: book 2\nListItems: book 3'
call "${found[service]}" Add "Add: PermissionDenied, Access denied"

sidecar() {
  # region sidecar
  "$root/policyproxy" sidecar --policy "$here/policies" --labels app=cart --policy-port 5000 \
    --listen 127.0.0.1:0 --upstream "${found[service]#http://}"
  # endregion
}
start sidecar "policyproxy: listening on " sidecar
call "${found[sidecar]}" GetItem "GetItem: book"
call "${found[sidecar]}" Add "Add: PermissionDenied, Access denied"
echo "gRPC sample: as expected"
