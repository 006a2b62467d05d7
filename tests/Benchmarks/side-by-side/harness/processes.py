"""Servers as processes: started on their CPUs, measured, stopped."""

import os
import socket
import subprocess
import time
from dataclasses import dataclass

START_LIMIT = 30.0


@dataclass(frozen=True)
class Command:
    """How to start a server: its arguments, and the port it will answer on."""

    arguments: tuple[str, ...]
    port: int
    environment: tuple[tuple[str, str], ...] = ()


class Server:
    """A running server with all its processes."""

    def __init__(self, name: str, command: Command, cpus: tuple[int, ...], log: str):
        self.name = name
        self.port = command.port
        with open(log, "wb") as errors:
            self._process = subprocess.Popen(
                ["taskset", "-c", ",".join(map(str, cpus)), *command.arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                env=os.environ | dict(command.environment))
        self._log = log
        self._wait_until_listening()

    def processes(self) -> list[int]:
        """The process and its descendants."""
        found, fresh = [], [self._process.pid]
        while fresh:
            pid = fresh.pop()
            found.append(pid)
            for task in _names(f"/proc/{pid}/task"):
                fresh += [int(child) for child in _read(f"/proc/{pid}/task/{task}/children").split()]
        return sorted(set(found))

    def cpu_times(self) -> dict[tuple[int, str], float]:
        """Seconds on a CPU by process and thread."""
        times = {}
        for pid in self.processes():
            for task in _names(f"/proc/{pid}/task"):
                words = _read(f"/proc/{pid}/task/{task}/schedstat").split()
                if words:
                    times[pid, task] = int(words[0]) / 1e9
        return times

    def memory_kb(self) -> int:
        """Resident memory: of one process its RSS, of several the sum of their proportional shares (PSS)."""
        pids = self.processes()
        field = "Rss:" if len(pids) == 1 else "Pss:"
        total = 0
        for pid in pids:
            for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
                if line.startswith(field):
                    total += int(line.split()[1])
        return total

    def settled_memory_kb(self) -> int:
        """Resident memory once it has not moved by more than 64 KiB for a second; after five seconds whatever it is."""
        last, since, deadline = self.memory_kb(), time.monotonic(), time.monotonic() + 5
        while time.monotonic() < min(since + 1, deadline):
            time.sleep(0.1)
            now = self.memory_kb()
            if abs(now - last) > 64:
                last, since = now, time.monotonic()
        return self.memory_kb()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_listening(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.01)
        self._process.kill()
        self._process.wait()
        raise RuntimeError(f"{self.name} did not start:\n{_read(self._log)}")


def cpu_between(before: dict, after: dict) -> float:
    """CPU seconds between two readings; a thread that has ended in between counts as far as it was seen."""
    return sum(seconds - before.get(thread, 0.0) for thread, seconds in after.items())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
