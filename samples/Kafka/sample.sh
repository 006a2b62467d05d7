#!/usr/bin/env bash
# A broker, a sidecar before it, and two services with an address of their own, as pods have; each may do one thing. Needs root, for the addresses.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"

[[ $EUID == 0 ]] || {
  echo "the services get addresses of their own, which needs root: sudo $0" >&2
  exit 1
}
proxy=198.18.0.1
tag=ppk$$

# pod NAME ADDRESS: a network namespace that reaches the proxy's address and nothing else.
pod() {
  ip netns add "$tag-$1"
  ip link add "$tag$1" type veth peer name eth0 netns "$tag-$1"
  ip addr add "$proxy/32" peer "$2/32" dev "$tag$1"
  ip link set "$tag$1" up
  ip -n "$tag-$1" addr add "$2/32" peer "$proxy/32" dev eth0
  ip -n "$tag-$1" link set eth0 up
}

remove_pods() {
  stop_all
  local pod
  for pod in o n; do
    ip link del "$tag$pod" 2> /dev/null || true
    ip netns del "$tag-$pod" 2> /dev/null || true
  done
}
trap remove_pods EXIT

build "$here"
"$root/policyproxy" version > "$logs/version"    # built before anybody waits for it
pod o 198.18.0.10
pod n 198.18.0.20
service=(dotnet run --project "$here" -c Release --no-build --no-launch-profile --)
start broker "broker at " "${service[@]}" broker "$proxy:9092"
broker=${found[broker]#http://}

sidecar() {
  # region sidecar
  "$root/policyproxy" sidecar --policy "$here/policies" --inventory "$here/inventory.yaml" --labels app=kafka \
    --listen "$proxy:9092" --upstream "$broker" --policy-port 9092
  # endregion
}
start sidecar "policyproxy: listening on " sidecar

# from POD OUTCOME VERB TOPIC: what a service gets for it.
from() {
  local pod=$1 expected=$2 got
  shift 2
  got=$(ip netns exec "$tag-$pod" "${service[@]}" "$1" "$proxy:9092" "$2" 2> "$logs/service") || true
  if [[ $got != "$expected"* ]]; then
    echo "$*: expected \"$expected\", got \"$got\"" >&2
    cat "$logs/service" "$logs/sidecar.log" >&2
    exit 1
  fi
  printf '%-13s %s %-13s %s\n' "$([[ $pod == o ]] && echo orders || echo notifications)" "$1" "$2" "$got"
}

from o 'written to orders' produce orders
from o 'refused: Broker: Topic authorization failed' produce payments
from o 'refused: ' consume orders
from n 'read "order 1 was sent" from notifications' consume notifications
from n 'refused: ' consume orders
from n 'refused: ' produce notifications    # not even the producer id it asks for first
echo "Kafka sample: as expected"
