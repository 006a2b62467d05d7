#!/usr/bin/env bash
# Starts the sample on a free port, lets it fetch addresses that are allowed and that are not, and checks the answers.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"

build "$here"
# A proxy of the environment would resolve and connect in place of the client: nobody listens there, so a request that used it would fail.
start app "Now listening on: " env http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 \
  dotnet run --project "$here" -c Release --no-build --no-launch-profile -- --urls http://127.0.0.1:0
base=${found[app]}
fetch=(--noproxy '*' -G "$base/fetch" --data-urlencode)

expect 200 "hello" "${fetch[@]}" "url=$base/public"
expect 200 "hello" "${fetch[@]}" "url=$base/redirect?to=/public"
expect 403 "Access denied" "${fetch[@]}" "url=$base/private"
expect 403 "Access denied" "${fetch[@]}" "url=$base/redirect?to=/private"
expect 403 "Access denied" "${fetch[@]}" "url=$base/redirect?to=http://169.254.169.254/latest/meta-data/"
expect 403 "Access denied" "${fetch[@]}" "url=http://10.0.0.1/"
echo "HttpClient sample: as expected"
