#!/usr/bin/env bash
# Makes sure the programs that tests call are there: installs the missing ones when it may, names them when it may not.
set -uo pipefail

# program:Debian package:what is skipped or fails without it
needs=(
  "curl:curl:Sidecar sample, functional tests with curl"
  "openssl:openssl:TLS tests with openssl s_client"
  "h2load:nghttp2-client:HTTP/2 tests with nghttp2"
  "nghttpd:nghttp2-server:HTTP/2 tests with nghttp2"
  "clang:clang:native build of the sidecar"
  "nginx:nginx-light:tests before real servers"
  "haproxy:haproxy:tests before real servers"
  "node:nodejs:tests before real servers"
  "apache2:apache2-bin:tests before real servers"
  "lighttpd:lighttpd:tests before real servers"
  "python3:python3:tests of policyproxy run"
  "setpriv:util-linux:tests of policyproxy run"
  "unshare:util-linux:tests of policyproxy run"
  "llvm-strip-14:llvm-14:check that the kernel programs match their sources"
  "clang-14:clang-14:check that the kernel programs match their sources"
  "ip:iproute2:tests of redirection in the kernel"
  "wget:wget:tests of policyproxy run with real tools"
  "git:git:tests of policyproxy run with real tools"
  "bpftool:bpftool:tests of detach"
  "buildah:buildah:container image"
  "unbound:unbound:DNS tests before a real server"
  "dig:bind9-dnsutils:DNS tests with real clients"
  "kcat:kcat:Kafka tests with real clients"
  "npm:npm:Kafka tests with real clients"
)

# servers are not on everybody's path
PATH=$PATH:/usr/sbin

missing=()
for need in "${needs[@]}"; do
  IFS=: read -r program package what <<< "$need"
  command -v "$program" > /dev/null || missing+=("$package|$program|$what")
done
# zlib has no program; the native build links it
if [[ ! -e /usr/include/zlib.h ]]; then
  missing+=("zlib1g-dev|zlib.h|native build of the sidecar")
fi
# nor has the loader of eBPF programs
if ! ldconfig -p | grep -q 'libbpf\.so\.1 '; then
  missing+=("libbpf1|libbpf.so.1|transparent redirection and its tests")
fi
# what the kernel programs are built from
if [[ ! -e /usr/include/bpf/bpf_helpers.h ]]; then
  missing+=("libbpf-dev|bpf_helpers.h|check that the kernel programs match their sources")
fi
if [[ ! -e /usr/include/linux/bpf.h ]]; then
  missing+=("linux-libc-dev|linux/bpf.h|check that the kernel programs match their sources")
fi
# nor has a Python module one; the tests use Debian's own Python
if ! /usr/bin/python3 -c 'import aiohttp' 2> /dev/null; then
  missing+=("python3-aiohttp|python3-aiohttp|tests before real servers")
fi
if ! /usr/bin/python3 -c 'import kafka' 2> /dev/null; then
  missing+=("python3-kafka|python3-kafka|Kafka tests with real clients")
fi

# what npm installs: the versions and hashes of the lock file, once for each lock file
install_clients() {
  local from=tests/Kafka.Tests/Clients to=artifacts/kafka-clients
  command -v npm > /dev/null || return 0
  cmp -s "$from/package-lock.json" "$to/package-lock.json" && [[ -d $to/node_modules/kafkajs ]] && return 0
  mkdir -p "$to"
  cp "$from/package.json" "$from/package-lock.json" "$to"
  if ! npm ci --prefix "$to" --no-audit --no-fund --ignore-scripts > "$to/npm.log" 2>&1; then
    rm -f "$to/package-lock.json" # to be tried again
    cat "$to/npm.log" >&2
    echo "missing: kafkajs (npm); without it: Kafka tests with real clients" >&2
  fi
}
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1
if [[ ${#missing[@]} -eq 0 ]]; then
  install_clients
  exit 0
fi

if [[ $(id -u) -eq 0 ]] && command -v apt-get > /dev/null; then
  packages=()
  for entry in "${missing[@]}"; do packages+=("${entry%%|*}"); done
  echo "installing: ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  if apt-get update -qq > "$log" 2>&1 && apt-get install -y -qq --no-install-recommends "${packages[@]}" >> "$log" 2>&1; then
    rm -f "$log"
    install_clients
    exit 0
  fi
  cat "$log" >&2
  rm -f "$log"
fi

for entry in "${missing[@]}"; do
  IFS='|' read -r package program what <<< "$entry"
  echo "missing: $program (package $package); without it: $what" >&2
done
install_clients
exit 0
