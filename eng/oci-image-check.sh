#!/usr/bin/env bash
# Runs what is in an image built by eng/oci-image.sh: eng/oci-image-check.sh ARCHIVE. No container engine takes part: the layers are
# unpacked, and the entry point is started by chroot in namespaces of its own, with the capabilities that the image asks for.
set -euo pipefail

archive=${1:?usage: eng/oci-image-check.sh ARCHIVE}
[[ $(id -u) -eq 0 ]] || {
  echo "oci-image-check.sh: chroot needs root" >&2
  exit 2
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/oci" "$scratch/rootfs"
tar -xf "$archive" -C "$scratch/oci"

# 1. Index, manifest, configuration and layers, each by its digest.
python3 - "$scratch/oci" > "$scratch/image" << 'PYTHON'
import hashlib, json, os, sys

def blob(descriptor):
    path = os.path.join(sys.argv[1], "blobs", *descriptor["digest"].split(":"))
    content = open(path, "rb").read()
    assert len(content) == descriptor["size"], path
    assert hashlib.sha256(content).hexdigest() == descriptor["digest"].split(":")[1], path
    return path, content

index = json.load(open(os.path.join(sys.argv[1], "index.json")))
manifest = json.loads(blob(index["manifests"][0])[1])
image = json.loads(blob(manifest["config"])[1])
print(*image["config"]["Entrypoint"])
print(image["config"]["Labels"]["dev.policyproxy.capabilities"])
print(image["config"]["Labels"]["org.opencontainers.image.version"])
for layer in manifest["layers"]:
    print(blob(layer)[0])
PYTHON
mapfile -t image < "$scratch/image"
entry=${image[0]} version=${image[2]}
capabilities=$(tr '[:upper:]' '[:lower:]' <<< "+${image[1]//,/,+}")
for layer in "${image[@]:3}"; do
  tar -xf "$layer" -C "$scratch/rootfs"
done

# Inside: no environment, own mounts and process ids, the machine's cgroups and pins where a container's would be.
inside() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin unshare --mount --pid --fork sh -c '
    root=$1 capabilities=$2
    shift 2
    mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --rbind /sys "$root/sys" && mount -t bpf bpf "$root/sys/fs/bpf" || exit 125
    exec setpriv --bounding-set="-all,$capabilities" chroot "$root" "$@"' sh "$scratch/rootfs" "$@"
}

# 2. It starts, and says the version of its label.
found=$(inside "$capabilities,+sys_chroot" "$entry" version)
[[ ${found%%+*} == "policyproxy $version" ]] || {
  echo "the image says \"$found\", its label $version" >&2
  exit 1
}

# 3. Nothing it needs is left out: the doctor looks at the library, the file systems and the kernel from inside. Root's right to make
#    cgroups below the top is given here, since chroot brings no cgroup of its own as containers have.
inside "$capabilities,+dac_override,+sys_chroot" "$entry" doctor --for sidecar

# 4. Without the capabilities it says so, and fails.
if inside "+sys_chroot" "$entry" doctor --for sidecar > "$scratch/doctor"; then
  echo "the doctor is content without capabilities" >&2
  exit 1
fi
grep -q '^FAIL capabilities ' "$scratch/doctor"

# 5. The demo: sockets, policies and the proxy's loops need nothing from the outside.
inside "+sys_chroot" "$entry" demo

# 6. Licences of everything that came from a package.
root=$scratch/rootfs
for package in "$root"/var/lib/dpkg/status.d/*; do
  [[ -s $scratch/rootfs/usr/share/doc/${package##*/}/copyright ]] || {
    echo "no licence of ${package##*/}" >&2
    exit 1
  }
done
[[ -s $scratch/rootfs/usr/share/doc/policyproxy/LICENSE ]]
strangers=$(find "$scratch/rootfs" ! -user root -o ! -group root)
[[ -z $strangers ]] || {
  echo "not owned by root: $strangers" >&2
  exit 1
}
echo "the image works"
