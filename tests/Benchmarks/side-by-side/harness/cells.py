"""The throughput cells: every variant in every round, the order reversed every other round."""

import json
import os
import time
from dataclasses import dataclass

from . import configs, machine, questions, wrk
from .backend import Backend
from .processes import Server, cpu_between
from .variants import Start, Variant

DIRECT = "direct"
_QUIET_SECONDS = 0.3


@dataclass(frozen=True)
class Cell:
    """One question: which variant does best at this?"""

    name: str
    kind: str
    path: str
    connections: int
    arguments: tuple[str, ...] = ()

    def runs_on(self, cores: int) -> bool:
        """The side questions are asked on one core only."""
        return cores == 1 or self.kind in ("small", "big")


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    rounds: int
    seconds: int
    warm_up_seconds: int


def cells(post_script: str) -> list[Cell]:
    small = [Cell(f"small c{count}", "small", "/api/v1/small", count) for count in (64, 256, 1000)]
    big = [Cell(f"64k c{count}", "big", "/api/v1/big", count) for count in (64, 256, 1000)]
    return small + big + [
        Cell("post 1k c64", "post", "/api/v1/small", 64, ("-s", post_script)),
        Cell("churn c64", "churn", "/api/v1/small", 64, ("-H", "Connection: close")),
        Cell("logged c64", "log", "/api/v1/small", 64),
    ]


class Stage:
    """All variants running on one layout of CPUs, before one backend."""

    def __init__(self, variants: list[Variant], layout: machine.Layout, folder: str, problems: list[str]):
        self.layout = layout
        self._variants = variants
        self._problems = problems
        self.backend = Backend(folder, layout.backend)
        self._servers: dict[str, Server] = {}
        try:
            start = Start(len(layout.proxy), self.backend.port, folder)
            for variant in variants:
                log = os.path.join(folder, f"{variant.name.replace(' ', '-')}-{len(layout.proxy)}.log")
                self._servers[variant.name] = Server(variant.name, variant.command(start), layout.proxy, log)
        except BaseException:
            self.stop()
            raise

    def warm_up(self, seconds: int) -> None:
        for server in self._servers.values():
            for path in ("/api/v1/small", "/api/v1/big"):
                wrk.run(wrk.Load(path, 64, seconds, self.layout.load), server.port)

    def measure(self, cell: Cell, effort: Effort) -> dict:
        """One cell: checks every variant, then measures round by round."""
        takers = [variant.name for variant in self._variants if cell.kind in variant.kinds]
        if cell.kind != "log":
            takers.insert(0, DIRECT)
        for name in takers:
            if name != DIRECT:
                self._problems.extend(f"{cell.name}: {name}: {wrong}" for wrong in questions.wrong_answers(self._servers[name].port))
        rounds = []
        for number in range(effort.rounds):
            order = takers if number % 2 == 0 else takers[::-1]
            rounds.append({name: self._once(name, cell, effort.seconds) for name in order})
        return {
            "name": cell.name, "cores": len(self.layout.proxy), "path": cell.path, "connections": cell.connections,
            "seconds": effort.seconds, "layout": self.layout.as_json(), "load_average": os.getloadavg()[0], "rounds": rounds,
        }

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop()
        self.backend.stop()

    def _once(self, name: str, cell: Cell, seconds: int) -> dict:
        server = self._servers.get(name)
        load = wrk.Load(cell.path, cell.connections, seconds, self.layout.load, cell.arguments)
        memory = [0]

        def sample() -> None:
            memory[0] = server.memory_kb() if server else 0

        served = self.backend.served()
        before = server.cpu_times() if server else {}
        backend_before, (busy, stolen) = self.backend.server.cpu_times(), machine.busy_seconds()
        outcome = wrk.run(load, server.port if server else self.backend.port, sample)
        cpu = cpu_between(before, server.cpu_times()) if server else 0.0
        backend_cpu = cpu_between(backend_before, self.backend.server.cpu_times())
        busy_after, stolen_after = machine.busy_seconds()
        reached = self._settled_served(served)
        self._check(f"{cell.name}, {len(self.layout.proxy)} cores, {name}", cell, outcome, reached)
        return outcome.as_json() | {
            "served": reached,
            "cpu_us": cpu * 1e6 / max(1, outcome.requests),
            "util": cpu / outcome.elapsed,
            "load_util": (backend_cpu + outcome.cpu_seconds) / outcome.elapsed,
            "memory_kb": memory[0],
            "other_cpus": max(0.0, busy_after - busy - cpu - backend_cpu - outcome.cpu_seconds) / outcome.elapsed,
            "stolen_cpus": (stolen_after - stolen) / outcome.elapsed,
        }

    def _settled_served(self, before: int) -> int:
        """Requests the backend has got since, once none has come for a while: what was under way at the end gets there late."""
        last, since = self.backend.served(), time.monotonic()
        while time.monotonic() - since < _QUIET_SECONDS:
            time.sleep(0.02)
            if (now := self.backend.served()) != last:
                last, since = now, time.monotonic()
        return last - before

    def _check(self, place: str, cell: Cell, outcome: wrk.Outcome, reached: int) -> None:
        if outcome.not_2xx:
            self._problems.append(f"{place}: {outcome.not_2xx} answers were not 2xx")
        if outcome.socket_errors:
            self._problems.append(f"{place}: {outcome.socket_errors} socket errors")
        # At the end of a run every connection may have one request under way that reached the backend and was not counted.
        if not outcome.requests <= reached <= outcome.requests + cell.connections:
            self._problems.append(f"{place}: the client counted {outcome.requests} answers, the backend {reached} requests")


def write_post_script(folder: str) -> str:
    path = os.path.join(folder, "post.lua")
    with open(path, "w", encoding="utf-8") as file:
        file.write(configs.POST_SCRIPT)
    return path


def save(results: dict, path: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
