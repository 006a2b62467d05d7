#!/usr/bin/env bash
# Starts the sample on a free port, sends one request that passes and one that is refused, and checks both.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"

build "$here"
start app "Now listening on: " dotnet run --project "$here" -c Release --no-build --no-launch-profile -- --urls http://127.0.0.1:0
base=${found[app]}

expect 200 "hello" "$base/public"
expect 403 "Access denied" "$base/private"
expect 403 "Access denied" -X POST "$base/public"
echo "Middleware sample: as expected"
