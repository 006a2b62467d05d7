"""One run of wrk."""

import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True)
class Load:
    """What is asked for, by how many connections, for how long."""

    path: str
    connections: int
    seconds: int
    cpus: tuple[int, ...]
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What wrk says: completed requests, and what went wrong."""

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    not_2xx: int
    socket_errors: int
    elapsed: float
    cpu_seconds: float

    def as_json(self) -> dict:
        return asdict(self)


def run(load: Load, port: int, while_running: Callable[[], None] | None = None) -> Outcome:
    """Runs to the end; calls back once, late in the run."""
    threads = min(len(load.cpus), load.connections)
    command = ["taskset", "-c", ",".join(map(str, load.cpus)), "wrk", "-t", str(threads), "-c", str(load.connections),
               "-d", f"{load.seconds}s", "--latency", *load.arguments, f"http://127.0.0.1:{port}{load.path}"]
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    time.sleep(load.seconds * 0.8)
    if while_running:
        while_running()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    return parse(output, elapsed, usage.ru_utime + usage.ru_stime)


def parse(output: str, elapsed: float, cpu_seconds: float) -> Outcome:
    """Reads wrk's report."""
    requests = re.search(r"(\d+) requests in", output)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if not requests or not rate:
        raise RuntimeError(f"wrk failed:\n{output}")
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    not_2xx = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    return Outcome(
        requests=int(requests[1]), rate=float(rate[1]), p50_ms=_percentile(output, 50), p99_ms=_percentile(output, 99),
        not_2xx=int(not_2xx[1]) if not_2xx else 0, socket_errors=sum(map(int, errors.groups())) if errors else 0,
        elapsed=elapsed, cpu_seconds=cpu_seconds)


def _percentile(output: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", output, re.MULTILINE)
    return float(found[1]) * _UNITS[found[2]] if found else float("nan")
