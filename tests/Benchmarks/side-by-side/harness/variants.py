"""The programs compared, and how each is started."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from . import configs
from .processes import Command, free_port

BASE = "haproxy"
_RELAY_BUFFERS = "64 KiB a direction while bytes are in hand (RelayOptions.BufferBytes, the default)"


@dataclass(frozen=True)
class Start:
    """What a variant is to be started for."""

    cores: int
    upstream: int
    folder: str


@dataclass(frozen=True)
class Variant:
    """One program with one setting."""

    name: str
    buffers: str
    command: Callable[[Start], Command]
    kinds: frozenset[str] = frozenset({"small", "big", "post", "churn", "startup", "idle"})


def all_variants(program: str, yarp: str) -> list[Variant]:
    """In the order of the tables; the first round runs them in this order."""
    return [
        Variant("haproxy", "16 KiB a direction (tune.bufsize, the default)", _haproxy),
        Variant("haproxy bufsize 64k", "64 KiB a direction (tune.bufsize)", lambda start: _haproxy(start, buffer=65536), frozenset({"big"})),
        Variant("haproxy httplog", "as haproxy; every request logged to /dev/null", lambda start: _haproxy(start, log=True), frozenset({"log"})),
        Variant("nginx", "16 KiB for the head, 8 x 16 KiB for the body of a response", _nginx),
        Variant("yarp", "Kestrel's and SocketsHttpHandler's defaults", lambda start: _yarp(yarp, start)),
        Variant("policyproxy", _RELAY_BUFFERS, lambda start: _policyproxy(program, start, "none")),
        Variant("policyproxy flows", "as policyproxy; every verdict printed to /dev/null", lambda start: _policyproxy(program, start, "compact"), frozenset({"log"})),
    ]


def _haproxy(start: Start, buffer: int | None = None, log: bool = False) -> Command:
    port = free_port()
    path = _write(start.folder, f"haproxy-{port}.cfg", configs.haproxy(port, start.upstream, start.cores, buffer, log))
    return Command(("haproxy", "-db", "-f", path), port)


def _nginx(start: Start) -> Command:
    port = free_port()
    folder = os.path.join(start.folder, f"nginx-{port}")
    os.makedirs(folder, exist_ok=True)
    path = _write(folder, "nginx.conf", configs.nginx_proxy(port, start.upstream, start.cores, folder))
    return Command(("nginx", "-c", path, "-e", os.path.join(folder, "error.log")), port)


def _yarp(program: str, start: Start) -> Command:
    port = free_port()
    return Command((program, str(port), str(start.upstream)), port)


def _policyproxy(program: str, start: Start, flows: str) -> Command:
    port = free_port()
    policy = _write(start.folder, "policy.yaml", configs.POLICY)
    return Command((program, "sidecar", "--policy", policy, "--labels", "app=api", "--policy-port", "8080", "--flows", flows,
                    "--listen", f"127.0.0.1:{port}", "--upstream", f"127.0.0.1:{start.upstream}"), port)


def _write(folder: str, name: str, text: str) -> str:
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path
