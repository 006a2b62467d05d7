#!/usr/bin/env bash
# Starts the sample on a free port, asks with certificates that are right and that are not, and checks the answers.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"

build "$here"
start app "Now listening on: http://" dotnet run --project "$here" -c Release --no-build --no-launch-profile -- --urls http://127.0.0.1:0
base=${found[app]}

expect 200 "three orders" "$base/as/web/orders"
expect 403 "Access denied" "$base/as/web/prices"
expect 502 "refused" "$base/as/billing/orders"
expect 502 "refused" "$base/as/nobody/orders"
echo "MutualTls sample: as expected"
