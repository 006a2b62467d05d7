"""What an idle keep-alive connection costs."""

import os
import socket

from . import machine
from .backend import Backend
from .processes import Server
from .variants import Start, Variant

CONNECTIONS = 10_000
_SOURCES = 10
_BATCH = 100
_REQUEST = b"GET /api/v1/small HTTP/1.1\r\nHost: origin\r\n\r\n"


def measure(variants: list[Variant], layout: machine.Layout, folder: str, rounds: int, problems: list[str]) -> dict:
    """In every round each program is started anew, filled with connections that have each done one request, and measured."""
    backend = Backend(folder, layout.backend)
    try:
        takers = [variant for variant in variants if "idle" in variant.kinds]
        found: dict[str, list[dict]] = {variant.name: [] for variant in takers}
        for number in range(rounds):
            for variant in takers if number % 2 == 0 else takers[::-1]:
                found[variant.name].append(_once(variant, layout, backend.port, folder, problems))
        return {"connections": CONNECTIONS, "rounds": found, "layout": layout.as_json()}
    finally:
        backend.stop()


def _once(variant: Variant, layout: machine.Layout, upstream: int, folder: str, problems: list[str]) -> dict:
    log = os.path.join(folder, f"{variant.name.replace(' ', '-')}-idle.log")
    server = Server(variant.name, variant.command(Start(len(layout.proxy), upstream, folder)), layout.proxy, log)
    clients: list[socket.socket] = []
    try:
        with _connect(server.port, 0) as first:
            for _ in range(_BATCH):
                _ask([first])
        before = server.settled_memory_kb()
        answered = 0
        for start in range(0, CONNECTIONS, _BATCH):
            batch = [_connect(server.port, number) for number in range(start, start + _BATCH)]
            clients += batch
            answered += _ask(batch)
        after = server.settled_memory_kb()
        again = sum(_ask(clients[start:start + _BATCH]) for start in range(0, CONNECTIONS, _BATCH))
        if (answered, again) != (CONNECTIONS, CONNECTIONS):
            problems.append(f"idle: {variant.name}: {answered} connections answered the first request, {again} the second")
        return {"before_kb": before, "after_kb": after, "bytes_per_connection": (after - before) * 1024 / CONNECTIONS,
                "answered": answered, "answered_again": again}
    finally:
        for client in clients:
            client.close()
        server.stop()


def _connect(port: int, number: int) -> socket.socket:
    client = socket.socket()
    client.settimeout(10)
    client.bind((f"127.0.0.{10 + number % _SOURCES}", 0))
    client.connect(("127.0.0.1", port))
    return client


def _ask(batch: list[socket.socket]) -> int:
    """Sends a request on each, then reads the answers; the number of good ones."""
    good = 0
    try:
        for client in batch:
            client.sendall(_REQUEST)
        for client in batch:
            answer = b""
            while not answer.endswith(b"a\n") and (piece := client.recv(4096)):
                answer += piece
            good += answer.startswith(b"HTTP/1.1 200")
    except OSError:
        pass  # those that did not answer are missing in the count
    return good
