"""Command line of the comparison; run.sh builds the programs and calls it."""

import argparse
import fnmatch
import os
import resource
import shutil
import sys
import time
from dataclasses import asdict

from . import cells, idle, machine, report, startup
from .variants import all_variants

_FULL = cells.Effort(rounds=7, seconds=3, warm_up_seconds=4)
_QUICK = cells.Effort(rounds=3, seconds=1, warm_up_seconds=1)


def main() -> int:
    arguments = _parse()
    _allow_descriptors()
    with machine.priority(arguments.nice):
        return _compare(arguments)


def _compare(arguments: argparse.Namespace) -> int:
    root, output = os.path.abspath(arguments.root), os.path.abspath(arguments.output)
    program, yarp = os.path.join(output, "policyproxy", "policyproxy"), os.path.join(output, "yarp", "YarpProxy")
    folder = os.path.join(output, "run")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)

    variants = all_variants(program, yarp)
    effort = _QUICK if arguments.quick else _FULL
    effort = cells.Effort(arguments.rounds or effort.rounds, arguments.seconds or effort.seconds, effort.warm_up_seconds)
    results: dict = {
        "date": time.strftime("%Y-%m-%d %H:%M %Z"), "machine": machine.describe(root, program), "effort": asdict(effort) | {"nice": arguments.nice},
        "variants": [{"name": variant.name, "buffers": variant.buffers} for variant in variants], "cells": [], "problems": [],
    }

    def publish() -> None:
        cells.save(results, os.path.join(output, "http1.json"))
        with open(os.path.join(output, "http1.md"), "w", encoding="utf-8") as file:
            file.write(report.write(results))

    available = machine.cpus()
    for cores in (1, 2):
        layout = machine.layout(cores, available)
        chosen = [cell for cell in cells.cells(cells.write_post_script(folder)) if _is_wanted(arguments.only, f"{cell.name} {cores}core") and cell.runs_on(cores)]
        if layout is None or not chosen:
            continue
        os.sched_setaffinity(0, layout.load)
        stage = cells.Stage(variants, layout, folder, results["problems"])
        try:
            stage.warm_up(effort.warm_up_seconds)
            for cell in chosen:
                _say(f"{cell.name}, {cores} core(s)")
                results["cells"].append(stage.measure(cell, effort))
                publish()
        finally:
            stage.stop()

    layout = machine.layout(1, available)
    assert layout
    os.sched_setaffinity(0, layout.load)
    if _is_wanted(arguments.only, "startup"):
        _say("start-up")
        results["startup"] = startup.measure(variants, layout, folder, 5 if arguments.quick else 15)
    if _is_wanted(arguments.only, "idle"):
        _say("idle connections")
        results["idle"] = idle.measure(variants, layout, folder, 1 if arguments.quick else 3, results["problems"])
    publish()
    print(report.write(results))
    return 1 if results["problems"] else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.sh http1", description="Compares policyproxy with HAProxy, nginx and YARP at the same work.")
    parser.add_argument("--quick", action="store_true", help="three rounds of one second: shows that everything works, not how fast it is")
    parser.add_argument("--only", action="append", metavar="PATTERN", help="cells such as 'small c64 1core' or '64k* 1core', 'startup', 'idle'; may be repeated")
    parser.add_argument("--rounds", type=int, help="rounds of each cell")
    parser.add_argument("--seconds", type=int, help="length of one run")
    parser.add_argument("--nice", type=int, default=0, help="priority of everything measured, as of nice; below 0 where others work on the machine")
    for hidden in ("--root", "--output"):
        parser.add_argument(hidden, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def _is_wanted(patterns: list[str] | None, name: str) -> bool:
    return not patterns or any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _allow_descriptors() -> None:
    """Everything started here inherits the limit."""
    needed = idle.CONNECTIONS + 2_000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SystemExit(f"{idle.CONNECTIONS} idle connections need {needed} descriptors, the limit is {hard} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _say(what: str) -> None:
    print(f"side-by-side: {time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


sys.exit(main())
