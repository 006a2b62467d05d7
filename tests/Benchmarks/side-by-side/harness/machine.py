"""What the benchmark runs on, and which CPUs do what."""

import contextlib
import os
import platform
import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Layout:
    """Which CPUs the proxy, the backend and the load generator may run on."""

    proxy: tuple[int, ...]
    backend: tuple[int, ...]
    load: tuple[int, ...]

    @property
    def is_shared(self) -> bool:
        """True if load or backend run on a CPU of the proxy: then only CPU time per request says something about the proxy."""
        return bool(set(self.proxy) & set(self.backend + self.load))

    def as_json(self) -> dict:
        return asdict(self) | {"shared": self.is_shared}


def layout(proxy_cores: int, cpus: list[int]) -> Layout | None:
    """Spreads the CPUs at hand; None if there are fewer than the proxy is to have."""
    if len(cpus) < proxy_cores:
        return None
    proxy, rest = tuple(cpus[:proxy_cores]), tuple(cpus[proxy_cores:])
    if not rest:
        return Layout(proxy, proxy, proxy)
    if len(rest) == 1:
        return Layout(proxy, rest, rest)
    backend = max(1, len(rest) // 3)
    return Layout(proxy, rest[:backend], rest[backend:])


def cpus() -> list[int]:
    """CPUs this process may use; those that are the first thread of their core come first."""
    return sorted(os.sched_getaffinity(0), key=lambda cpu: (_siblings(cpu).index(cpu), cpu))


def describe(root: str, policyproxy: str) -> dict:
    return {
        "cpu": _cpu_model(),
        "cpus": len(os.sched_getaffinity(0)),
        "threads_per_core": len(_siblings(min(os.sched_getaffinity(0)))),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "kernel": platform.release(),
        "distribution": _distribution(),
        "versions": {
            "policyproxy": _first_line([policyproxy, "--version"]),
            "haproxy": _first_line(["haproxy", "-v"]),
            "nginx": _first_line(["nginx", "-v"]),
            "wrk": _first_line(["wrk", "-v"]),
            "dotnet": _first_line(["dotnet", "--version"]),
            "yarp": _yarp_version(root),
        },
        "commit": _first_line(["git", "-C", root, "rev-parse", "--short", "HEAD"]),
        "uncommitted_changes": _first_line(["git", "-C", root, "status", "--porcelain", "--", "src", "tests/Benchmarks"]) != "",
    }


@contextlib.contextmanager
def priority(nice: int) -> Iterator[None]:
    """For this process and all it starts. Where the kernel shares CPUs among sessions first, the session's priority is what counts."""
    path = "/proc/self/autogroup"
    if nice == 0 or not os.path.exists(path):
        os.nice(nice)
        yield
        return
    os.nice(nice)
    with open(path, encoding="ascii") as file:
        before = file.read().split()[-1]
    _write(path, str(nice))
    try:
        yield
    finally:
        _write(path, before)


def busy_seconds() -> tuple[float, float]:
    """CPU seconds the machine has worked, and those the hypervisor has kept from it."""
    tick = os.sysconf("SC_CLK_TCK")
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _idle, _wait, irq, softirq, steal = (int(word) for word in stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq) / tick, steal / tick


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _siblings(cpu: int) -> list[int]:
    try:
        with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", encoding="ascii") as file:
            found: list[int] = []
            for part in file.read().strip().split(","):
                first, _, last = part.partition("-")
                found += range(int(first), int(last or first) + 1)
            return found if cpu in found else [cpu]
    except OSError:
        return [cpu]


def _cpu_model() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return "unknown"


def _yarp_version(root: str) -> str:
    with open(os.path.join(root, "Directory.Packages.props"), encoding="utf-8") as file:
        found = re.search(r'"Yarp\.ReverseProxy" Version="([^"]+)"', file.read())
    return found[1] if found else "unknown"


def _first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return "unknown"
    return ((done.stdout + done.stderr).strip().splitlines() or [""])[0]
