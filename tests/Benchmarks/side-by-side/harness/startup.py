"""From exec to the first proxied 200."""

import os
import signal
import socket
import statistics
import time

from . import machine
from .backend import Backend
from .processes import Command, free_port
from .variants import Start, Variant

_REQUEST = b"GET /api/v1/small HTTP/1.1\r\nHost: origin\r\n\r\n"
_LIMIT = 20.0


def measure(variants: list[Variant], layout: machine.Layout, folder: str, rounds: int) -> dict:
    """Interleaved rounds; the program runs on the proxy's CPU, the poller on those of the load."""
    backend = Backend(folder, layout.backend)
    try:
        commands = {variant.name: variant.command(Start(len(layout.proxy), backend.port, folder))
                    for variant in variants if "startup" in variant.kinds}
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds):
            for name in list(commands) if number % 2 == 0 else list(commands)[::-1]:
                taken[name].append(_once(name, commands[name], layout))
        return {"milliseconds": taken, "overhead": _overhead(layout), "layout": layout.as_json()}
    finally:
        backend.stop()


def _once(name: str, command: Command, layout: machine.Layout) -> float:
    start, pid = _spawn(command.arguments, layout)
    try:
        while time.monotonic() - start < _LIMIT:
            if _answers(command.port):
                return (time.monotonic() - start) * 1e3
        raise RuntimeError(f"{name} did not answer within {_LIMIT} seconds")
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def _spawn(arguments: tuple[str, ...], layout: machine.Layout) -> tuple[float, int]:
    """Starts a program without any other program in between; it inherits the CPUs this process has for that moment."""
    quiet = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, layout.proxy)
    start = time.monotonic()
    try:
        return start, os.posix_spawnp(arguments[0], arguments, os.environ, file_actions=quiet)
    finally:
        os.sched_setaffinity(0, mine)


def _answers(port: int) -> bool:
    with socket.socket() as client:
        try:
            client.settimeout(5)
            client.connect(("127.0.0.1", port))
            client.sendall(_REQUEST)
            return client.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            return False


def _overhead(layout: machine.Layout) -> dict:
    """What the method itself costs: starting a program that does nothing, and one attempt to connect to nobody."""
    spawns, attempts, nobody = [], [], free_port()
    for _ in range(50):
        start, pid = _spawn(("true",), layout)
        os.waitpid(pid, 0)
        spawns.append((time.monotonic() - start) * 1e3)
        start = time.monotonic()
        _answers(nobody)
        attempts.append((time.monotonic() - start) * 1e3)
    return {"exec_of_true_ms": statistics.median(spawns), "refused_attempt_ms": statistics.median(attempts)}
