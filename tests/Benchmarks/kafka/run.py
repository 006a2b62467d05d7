#!/usr/bin/env python3
"""Kafka through the sidecar beside the way without it: brokers and clients on one CPU, the sidecar on another. The brokers are librdkafka's, in a program of
their own. run.py PROGRAM LOAD [--rounds N] [--seconds N] [--sidecar-cpu N]: the native program, and the program KafkaLoad. Prints markdown; both ways run in every round,
ratios are taken inside a round."""

import argparse
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import time

POLICY = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: kafka}
spec:
  endpointSelector: {}
  ingress:
  - toPorts:
    - ports: [{port: "9092", protocol: TCP}]
      rules:
        kafka:
        - {role: produce, topic: load}
        - {role: consume, topic: load}
"""

SIDECAR = "127.0.0.1:15392"


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def await_port(address):
    host, port = address.split(":")
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nobody listens at {address}")


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}..{max(values):.{digits}f}]"


class Bench:
    def __init__(self, program, load, folder, cpu):
        self.program, self.load, self.folder, self.cpu, self.processes = program, load, pathlib.Path(folder), cpu, []

    def __enter__(self):
        (self.folder / "policy.yaml").write_text(POLICY)
        self.direct = self.broker("-")
        behind = self.broker(SIDECAR)
        self.sidecar = self.start(self.cpu, [self.program, "sidecar", "-p", str(self.folder / "policy.yaml"), "--labels", "app=x", "--flows", "none", "--policy-port", "9092",
                                        "--listen", SIDECAR, "--upstream", f"http://{behind}"])
        await_port(SIDECAR)
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait()

    def start(self, cpu, command, **more):
        process = subprocess.Popen(["taskset", "-c", cpu, *command], stderr=subprocess.DEVNULL, **{"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, **more})
        self.processes.append(process)
        return process

    def broker(self, advertised):
        return self.start("0", [self.load, "broker", advertised], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True).stdout.readline().strip()

    def measure(self, verb, server, amount):
        before = cpu_seconds(self.sidecar.pid)
        text = subprocess.run(["taskset", "-c", "0", self.load, verb, server, str(amount)], capture_output=True, text=True, check=True).stdout
        return [float(x) for x in text.split()], cpu_seconds(self.sidecar.pid) - before


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("load")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--sidecar-cpu", default="1", help="0 is that of the brokers and clients")
    options = parser.parse_args()
    results, cpu = {}, {}
    with tempfile.TemporaryDirectory() as folder, Bench(options.program, options.load, folder, options.sidecar_cpu) as bench:
        ways = [("direct", bench.direct), ("sidecar", SIDECAR)]
        for _ in range(options.rounds):
            for verb, amount in (("produce", options.seconds), ("paced", options.seconds), ("consume", options.seconds), ("drawn", options.seconds), ("latency", options.seconds * 2000)):
                for name, server in ways:
                    numbers, spent = bench.measure(verb, server, amount)
                    results.setdefault(verb, {}).setdefault(name, []).append(numbers)
                    if name == "sidecar":
                        cpu.setdefault(verb, []).append(spent)
            ways.reverse()
    print("| load | direct | through the sidecar | ratio | CPU of the sidecar |\n|---|---|---|---|---|")
    for verb, title in (("produce", "produce, as fast as it goes"), ("paced", "produce, 200 MB/s offered"), ("consume", "consume, one fetch after the other"),
                        ("drawn", "consume, 200 MB/s asked for")):
        direct, sidecar = ([x[0] for x in results[verb][name]] for name in ("direct", "sidecar"))
        print(f"| {title}, MB/s | {statistics.median(direct) / 1e6:.0f} | {statistics.median(sidecar) / 1e6:.0f} | {spread([s / d for s, d in zip(sidecar, direct)])} "
              f"| {statistics.median(c / (s * options.seconds / 1e9) for c, s in zip(cpu[verb], sidecar)):.2f} s/GB |")
    for i, name in enumerate(("median", "99th percentile")):
        direct, sidecar = ([x[i] for x in results["latency"][way]] for way in ("direct", "sidecar"))
        print(f"| small Produce, {name}, us | {statistics.median(direct):.0f} | {statistics.median(sidecar):.0f} | +{spread([s - d for s, d in zip(sidecar, direct)], 0)} | |")


if __name__ == "__main__":
    main()
