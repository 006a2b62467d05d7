#!/usr/bin/env bash
# Starts a server and a sidecar before it, both on free ports; one request passes, two are refused.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"

build "$here/Upstream"
start upstream "Now listening on: " dotnet run --project "$here/Upstream" -c Release --no-build --no-launch-profile -- --urls http://127.0.0.1:0
upstream=${found[upstream]#http://}

sidecar() {
  # region sidecar
  "$root/policyproxy" sidecar --policy "$here/policies" --labels app=api --policy-port 8080 \
    --listen 127.0.0.1:0 --upstream "$upstream"
  # endregion
}
start sidecar "policyproxy: listening on " sidecar
base=${found[sidecar]}

expect 200 "upstream saw GET /public" "$base/public"
expect 403 "Access denied" "$base/private"
expect 403 "Access denied" -X DELETE "$base/public"
echo "Sidecar sample: as expected"
