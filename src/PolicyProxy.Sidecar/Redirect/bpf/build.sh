#!/usr/bin/env bash
# Builds redirect.bpf.o from its sources; --check compares with the committed one. The result depends on the compiler's version only:
# clang 14, as in Debian 12. Needs clang-14, llvm-14, libbpf-dev, linux-libc-dev.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
clang=$(command -v clang-14 || command -v clang)
strip=$(command -v llvm-strip-14 || command -v llvm-strip)
includes=/usr/include/$(gcc -print-multiarch 2> /dev/null || dpkg-architecture -qDEB_HOST_MULTIARCH)

built=$(mktemp)
trap 'rm -f "$built"' EXIT
"$clang" -O2 -g -target bpf -mcpu=v3 -Wall -Werror -ffile-prefix-map="$PWD"=. -I"$includes" -c redirect.bpf.c -o "$built"
"$strip" -g "$built" # keeps .BTF, which socket storage needs

if [[ ${1:-} == --check ]]; then
  cmp "$built" redirect.bpf.o || {
    echo "redirect.bpf.o is not what its sources make: run src/PolicyProxy.Sidecar/Redirect/bpf/build.sh and commit it" >&2
    exit 1
  }
else
  cp "$built" redirect.bpf.o
  chmod 644 redirect.bpf.o
fi
