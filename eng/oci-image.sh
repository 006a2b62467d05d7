#!/usr/bin/env bash
# Builds the container image without a daemon and without a base image: eng/oci-image.sh [--program FILE] [-o ARCHIVE]
# The root file system is the native program, the libraries it loads and CA certificates, copied from the Debian packages
# of this machine: the program was linked against exactly these. The same input gives the same bytes.
set -euo pipefail

program='' archive=artifacts/oci/policyproxy.oci.tar
while [[ $# -gt 0 ]]; do
  case $1 in
    --program) program=$(realpath -- "$2") ;;
    -o) archive=$(realpath -m -- "$2") ;;
    *)
      echo "usage: eng/oci-image.sh [--program FILE] [-o ARCHIVE]" >&2
      exit 2
      ;;
  esac
  shift 2
done
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

for need in buildah:buildah dpkg-query:dpkg ldd:libc-bin; do
  command -v "${need%:*}" > /dev/null || {
    echo "oci-image.sh: ${need%:*} is needed (Debian package ${need#*:})" >&2
    exit 2
  }
done
if [[ $(id -u) -ne 0 ]]; then
  exec buildah unshare "$PWD/eng/oci-image.sh" ${program:+--program "$program"} -o "$(realpath -m -- "$archive")"
fi

if [[ -z $program ]]; then
  dotnet publish src/PolicyProxy.Sidecar -r linux-x64 -c Release -v quiet --nologo -o artifacts/oci/native
  program=artifacts/oci/native/policyproxy
fi

# 1. The root file system.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root
umask 022
mkdir -p "$root"/{dev,etc/ssl/certs,proc,run,sys,usr/bin,usr/lib,usr/lib64,usr/share/doc/policyproxy,var/lib/dpkg/status.d}
mkdir -m 1777 "$root/tmp"
ln -s usr/bin "$root/bin"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
install -m 755 "$program" "$root/usr/bin/policyproxy"
install -m 644 LICENSE THIRD-PARTY-NOTICES.md "$root/usr/share/doc/policyproxy"
install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs"
# where OpenSSL looks
mkdir "$root/usr/lib/ssl"
ln -s /etc/ssl/certs "$root/usr/lib/ssl/certs"
ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"
echo 'root:x:0:0:root:/:/usr/bin/policyproxy' > "$root/etc/passwd"
echo 'root:x:0:' > "$root/etc/group"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
cp -L /etc/os-release "$root/etc/os-release"

# Where ldconfig finds a library, and whose package it is; the names of paths differ by the merged /usr.
library() {
  ldconfig -p | sed -n "s/^\t$1 (.*) => //p" | head -n 1
}
owner() {
  dpkg-query -S "$1" 2> /dev/null || dpkg-query -S "${1#/usr}" 2> /dev/null || dpkg-query -S "$(realpath -- "$1")"
}

# Loaded while running, so that no program names them: by PolicyProxy, by the .NET runtime, by the C library.
loaded=()
for need in libbpf.so.1:libbpf1 libssl.so.3:libssl3 libgcc_s.so.1:libgcc-s1 libresolv.so.2:libc6; do
  path=$(library "${need%:*}")
  [[ -n $path ]] || {
    echo "oci-image.sh: ${need%:*} is needed (Debian package ${need#*:})" >&2
    exit 2
  }
  loaded+=("$path")
done
mapfile -t libraries < <({
  printf '%s\n' "${loaded[@]}"
  ldd "$program" "${loaded[@]}" | grep -o '/[^ ]*\.so[^ ]*'
} | grep -v ':$' | sort -u)
packages=(ca-certificates)
for path in "${libraries[@]}"; do
  target=$path
  [[ $target == /usr/* ]] || target=/usr$target
  install -D -m 755 "$path" "$root$target"
  name=$(owner "$path")
  packages+=("${name%%:*}")
done

# Licences, and the versions where scanners of images look for them.
mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
for package in "${packages[@]}"; do
  install -D -m 644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
  dpkg-query -s "$package" | grep -E '^(Package|Status|Version|Architecture|Maintainer|Source|Description):' > "$root/var/lib/dpkg/status.d/$package"
done

# 2. The image.
version=$("$program" version)
version=${version#policyproxy }
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
build() {
  buildah --root "$scratch/storage" --runroot "$scratch/run" --storage-driver vfs "$@"
}
container=$(build from scratch)
build copy --quiet "$container" "$root" / > /dev/null
build config \
  --entrypoint '["/usr/bin/policyproxy"]' \
  --os linux \
  --created-by "eng/oci-image.sh" \
  --label org.opencontainers.image.title=policyproxy \
  --label "org.opencontainers.image.description=Enforces CiliumNetworkPolicy YAML at layer 7" \
  --label org.opencontainers.image.licenses=Apache-2.0 \
  --label "org.opencontainers.image.version=${version%%+*}" \
  --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" \
  --label dev.policyproxy.capabilities=BPF,NET_ADMIN \
  "$container"
build commit --quiet --identity-label=false --timestamp "$epoch" "$container" "oci:$scratch/oci:${version%%+*}" > /dev/null
build rm "$container" > /dev/null

# 3. One file, packed so that nothing in it depends on when and where.
mkdir -p "$(dirname -- "$archive")"
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -cf "$archive" -C "$scratch/oci" .
echo "$archive: $(stat -c %s "$archive") bytes, sha256 $(sha256sum "$archive" | cut -d ' ' -f 1)"
printf 'packages: %s\n' "${packages[*]}"
