"""Leaving: other cgroups, namespaces, processes that are not confined, and the kernel's control files."""
import ctypes
import os
import platform
import socket
import subprocess
import sys
import tempfile
import threading

from attempts import DENIED4, PLACES, attempt, in_child, outcome, tcp
from sockets import call, libc, made

PROXY = os.getppid()
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
NEWNS, NEWCGROUP, NEWUSER, NEWNET = 0x20000, 0x02000000, 0x10000000, 0x40000000
X64 = platform.machine() == "x86_64"


def number(x64, arm64):
    return x64 if X64 else arm64


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return "done"


def mount(source, target, kind, flags):
    words = [word if word is None else word.encode() for word in (source, target, kind)]
    return checked(libc.mount(*words, ctypes.c_ulong(flags), None))


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return "written"


def rewrite(path):
    """Harmless where it is possible: what is written is what was there."""
    with open(path, encoding="ascii") as file:
        text = file.read()
    return write(path, text)


def connect(port):
    made_here = tcp()
    made_here.connect((DENIED4, port))
    return "connected"


def enter(flags):
    """New namespaces, in which this process has every capability, and its user is root."""
    user, group = os.getuid(), os.getgid()
    checked(libc.unshare(NEWUSER | flags))
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"0 {user} 1")
    write("/proc/self/gid_map", f"0 {group} 1")


# Other cgroups

@attempt
def into_the_root_cgroup(_):
    return write(PLACES["cgroups"] + "/cgroup.procs", str(os.getpid()))


@attempt
def into_the_proxys_cgroup(_):
    return write(f"{PLACES['cgroups']}/policyproxy/run-{PROXY}/proxy/cgroup.procs", str(os.getpid()))


@attempt
def thread_into_the_root_cgroup(_):
    return write(PLACES["cgroups"] + "/cgroup.threads", str(threading.get_native_id()))


@attempt
def new_cgroup_below_the_root(_):
    os.mkdir(PLACES["cgroups"] + "/policyproxy-test-escape")


@attempt
def new_cgroup_below_its_own(_):
    os.mkdir(f"{PLACES['cgroups']}/policyproxy/run-{PROXY}/workload/escape")


@attempt
def cgroups_mounted_again_for_writing(_):
    return mount("none", PLACES["cgroups"], None, MS_REMOUNT | MS_BIND)


@attempt
def cgroups_mounted_elsewhere(_):
    return mount("none", tempfile.mkdtemp(), "cgroup2", 0)


@attempt
def pins_removed(_):
    pins = f"/sys/fs/bpf/policyproxy/run-{PROXY}/v1"
    for name in os.listdir(pins):
        os.unlink(f"{pins}/{name}")
    return "removed"


# Namespaces

@attempt
def user_namespace_remounts_cgroups(_):
    def go():
        enter(NEWNS)
        return mount("none", PLACES["cgroups"], None, MS_REMOUNT | MS_BIND)

    return in_child(go)


@attempt
def user_namespace_binds_cgroups(_):
    def go():
        enter(NEWNS)
        elsewhere = tempfile.mkdtemp()
        mount(PLACES["cgroups"], elsewhere, None, MS_BIND | MS_REC)
        return write(elsewhere + "/cgroup.procs", str(os.getpid()))

    return in_child(go)


@attempt
def user_namespace_uncovers_cgroups(_):
    def go():
        enter(NEWNS)
        return checked(libc.umount2(PLACES["cgroups"].encode(), 2))

    return in_child(go)


@attempt
def user_namespace_mounts_cgroups_of_all(_):
    def go():
        enter(NEWNS)
        return mount("none", tempfile.mkdtemp(), "cgroup2", 0)

    return in_child(go)


@attempt
def cgroup_namespace_mounts_its_own_cgroup(port):
    """It may: what it sees begins at its own cgroup, and a child of that is still judged."""
    def go():
        enter(NEWNS | NEWCGROUP)
        elsewhere = tempfile.mkdtemp()
        mounted, others = outcome(mount, "none", elsewhere, "cgroup2", 0), "-"
        if mounted == "done":
            others = "visible" if os.path.exists(elsewhere + "/policyproxy") else "hidden"
            if outcome(os.mkdir, elsewhere + "/below") == "done":
                write(elsewhere + "/below/cgroup.procs", str(os.getpid()))
        return f"{mounted} {others} {outcome(connect, port)}"

    return in_child(go)


@attempt
def network_namespace(port):
    def go():
        enter(NEWNET)
        return connect(port)

    return in_child(go)


@attempt
def packet_socket_in_a_network_namespace(_):
    def go():
        enter(NEWNET)
        return made(17, 3)

    return in_child(go)


@attempt
def raw_socket_in_a_network_namespace(_):
    def go():
        enter(NEWNET)
        return made(socket.AF_INET, 3, 255)

    return in_child(go)


@attempt
def program_loaded_in_a_user_namespace(_):
    def go():
        enter(NEWNS)
        return call(number(321, 280), 5, 0, 0)

    return in_child(go)


@attempt
def namespaces_of_the_first_process(_):
    return checked(libc.setns(os.open("/proc/1/ns/mnt", os.O_RDONLY), 0))


@attempt
def root_directory_of_the_first_process(_):
    return len(os.listdir("/proc/1/root"))


# The proxy

@attempt
def proxys_root_directory(_):
    return len(os.listdir(f"/proc/{PROXY}/root"))


@attempt
def proxys_descriptors(_):
    """Root may count them; what they are, and having one, takes more."""
    kinds = {outcome(os.open, f"/proc/{PROXY}/fd/{name}", os.O_RDONLY) for name in os.listdir(f"/proc/{PROXY}/fd")}
    return ",".join(sorted(kinds))


@attempt
def proxys_memory_below_proc(_):
    return os.open(f"/proc/{PROXY}/mem", os.O_RDWR)


@attempt
def proxys_memory_by_call(_):
    page = ctypes.create_string_buffer(8)
    place = (ctypes.c_size_t * 2)(ctypes.addressof(page), 8)
    return call(number(310, 270), PROXY, ctypes.addressof(place), 1, ctypes.addressof(place), 1, 0)


@attempt
def proxy_traced(_):
    return call(number(101, 117), 16, PROXY, 0, 0)


@attempt
def proxy_seized(_):
    return call(number(101, 117), 0x4206, PROXY, 0, 0)


@attempt
def proxys_socket_fetched(_):
    handle = os.pidfd_open(PROXY)
    results = {outcome(call, 438, handle, descriptor, 0) for descriptor in range(3, 64)}
    return ",".join(sorted(results))


@attempt
def proxys_name_spaces(_):
    return os.open(f"/proc/{PROXY}/ns/net", os.O_RDONLY)


# Programs in the kernel

@attempt
def program_loaded(_):
    return call(number(321, 280), 5, 0, 0)


@attempt
def pin_opened(_):
    return call(number(321, 280), 7, 0, 0)


@attempt
def link_detached(_):
    return call(number(321, 280), 34, 0, 0)


@attempt
def program_started_by_the_kernel_on_a_crash(_):
    return rewrite("/proc/sys/kernel/core_pattern")


@attempt
def program_started_by_the_kernel_for_a_module(_):
    return rewrite("/proc/sys/kernel/modprobe")


@attempt
def program_started_by_the_kernel_for_a_key(_):
    """Type, description and callout: the kernel runs /sbin/request-key, as root, in no cgroup of ours."""
    texts = [ctypes.c_char_p(text) for text in (b"dns_resolver", b"policyproxy.test", b"x")]
    pointers = [ctypes.cast(text, ctypes.c_void_p).value for text in texts]
    return call(number(249, 218), *pointers, -1 & 0xffffffff)


# Processes

@attempt
def forked(port):
    return in_child(connect, port)


@attempt
def executed(port):
    script = f"import socket,sys\ntry:\n socket.create_connection(('{DENIED4}',{port}),1)\n print('connected')\nexcept OSError as e:\n import errno; print(errno.errorcode[e.errno])"
    return subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


@attempt
def executed_by_a_shell(port):
    result = subprocess.run(["bash", "-c", f"exec 3<>/dev/tcp/{DENIED4}/{port}"], stderr=subprocess.PIPE, check=False, text=True, env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
    return "EPERM" if "not permitted" in result.stderr else f"{result.returncode} {result.stderr.strip()}"


@attempt
def in_a_session_of_its_own(port):
    def go():
        os.setsid()
        return connect(port)

    return in_child(go)


@attempt
def as_a_daemon(port):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork() == 0:
            while os.getppid() == child:
                os.sched_yield()
            os.write(writer, outcome(connect, port).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    return os.read(reader, 64).decode()



@attempt
def in_a_thread(port):
    results = []
    thread = threading.Thread(target=lambda: results.append(outcome(connect, port)))
    thread.start()
    thread.join()
    return results[0]


@attempt
def as_another_user(port):
    def go():
        os.setgroups([])
        os.setresgid(12345, 12345, 12345)
        os.setresuid(12345, 12345, 12345)
        return connect(port)

    return in_child(go)


@attempt
def proxy_signalled(_):
    """Signal 0 asks for the right alone. What the right is good for: see the tests of a dead proxy."""
    os.kill(PROXY, 0)
    return "may"
