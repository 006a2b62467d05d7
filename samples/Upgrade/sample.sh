#!/usr/bin/env bash
# Starts a server and a sidecar before it, then a second sidecar that takes over the port of the first. No request fails.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"

build "$root/samples/Sidecar/Upstream"
start upstream "Now listening on: " dotnet run --project "$root/samples/Sidecar/Upstream" -c Release --no-build --no-launch-profile -- --urls http://127.0.0.1:0
upstream=${found[upstream]#http://}
handover=$logs/handover.sock
listen=127.0.0.1:0

sidecar() {
  # region sidecar
  "$root/policyproxy" sidecar --policy "$here/policies" --labels app=api --policy-port 8080 \
    --listen "$listen" --upstream "$upstream" --handover "$handover"
  # endregion
}
start first "policyproxy: listening on " sidecar
base=${found[first]}
expect 200 "upstream saw GET /public" "$base/public"

listen=${base#http://}
start second "policyproxy: listening on " sidecar
expect 200 "upstream saw GET /public" "$base/public"

# The first ends by itself once its requests are done.
wait "${pids[first]}"
unset "pids[first]"
expect 200 "upstream saw GET /public" "$base/public"
expect 403 "Access denied" "$base/private"
echo "Upgrade sample: as expected"
