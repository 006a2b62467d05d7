#!/usr/bin/env python3
"""The DNS proxy beside dnsdist with the same rules: the proxy on one CPU, dnsperf and knotd on another. Needs dnsperf, dnsdist, knotd (Debian:
knot), so that the proxies are what is slowest, and the program: run.py PROGRAM [--rounds N] [--seconds N] [--only TEXT]. Prints markdown; all variants run in every round, ratios are taken inside a round."""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

RESOLVER, DNSDIST, PROXY = 15301, 15302, 15303
NAMES = 1000
ONE, MIXED, DENIED = "one", "mixed", "denied"

KNOT = """
server:
  rundir: "{folder}"
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  identity: ""
log:
  - target: "{folder}/knot.log"
    any: warning
database:
  storage: "{folder}"
zone:
  - domain: example.test
    file: "{folder}/zone"
    journal-content: none
"""

DNSDIST_CONF = """
setLocal("127.0.0.1:{dnsdist}", {{reusePort=false}})
setACL({{"127.0.0.0/8"}})
newServer({{address="127.0.0.1:{resolver}", sockets=1, useClientSubnet=false, checkInterval=10, checkName="n0.example.test.", checkType="A", mustResolve=false}})
allowed = newDNSNameSet()
for i = 0, {names} - 1 do
  allowed:add(newDNSName("n" .. i .. ".example.test."))
  allowed:add(newDNSName("m" .. i .. string.rep("x", i % 30) .. ".example.test."))
end
addAction(NotRule(QNameSetRule(allowed)), RCodeAction(DNSRCode.REFUSED))
setMaxUDPOutstanding(65535)
setSecurityPollSuffix("")
"""

# (name, names, dnsperf options)
# Outstanding queries: as many as the default buffers of knotd and dnsdist hold, so that no rate depends on what was lost.
LOADS = [
    ("allowed, as fast as it goes", ONE, ["-q", "100"]),
    ("names of 30 lengths", MIXED, ["-q", "100"]),
    ("half of them denied", DENIED, ["-q", "100"]),
    ("allowed, 10,000 a second", ONE, ["-q", "100", "-Q", "10000"]),
]


def label(i, mixed=False):
    return f"m{i}" + "x" * (i % 30) if mixed else f"n{i}"


def policy():
    names = "".join(f"        - matchName: {label(i, mixed)}.example.test\n" for i in range(NAMES) for mixed in (False, True))
    return f"""
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: dns}}
spec:
  endpointSelector: {{}}
  egress:
  - toPorts:
    - ports: [{{port: "{RESOLVER}", protocol: ANY}}]
      rules:
        dns:
{names}"""


def softirq_seconds():
    """CPU 0's time in the network's interrupts, which the kernel charges to nobody; only a proxy runs there."""
    line = pathlib.Path("/proc/stat").read_text().splitlines()[1]
    return int(line.split()[7]) / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def answered(port):
    deadline = time.monotonic() + 30
    while subprocess.run(["dig", "+time=1", "+tries=1", "-p", str(port), "@127.0.0.1", "n0.example.test", "A"], capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            raise SystemExit(f"nobody answers at port {port}")


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder, self.processes, self.pids = program, pathlib.Path(folder), [], {}

    def __enter__(self):
        self.folder.chmod(0o755)
        (self.folder / "zone").write_text("$ORIGIN example.test.\n@ 60 IN SOA n0 n0 1 3600 600 86400 60\n@ 60 IN NS n0\n" + "".join(f"{label(i, mixed)} 60 IN A 203.0.113.{i % 250 + 1}\n" for i in range(NAMES) for mixed in (False, True)))
        (self.folder / "knot.conf").write_text(KNOT.format(port=RESOLVER, folder=self.folder))
        (self.folder / "dnsdist.conf").write_text(DNSDIST_CONF.format(dnsdist=DNSDIST, resolver=RESOLVER, names=NAMES))
        (self.folder / "policy.yaml").write_text(policy())
        for name, lines in {
            ONE: [label(i) for i in range(NAMES)],
            MIXED: [label(i, True) for i in range(NAMES)],
            DENIED: [f"x{i}" if i % 2 else label(i) for i in range(NAMES)],
        }.items():
            (self.folder / name).write_text("".join(f"{line}.example.test A\n" for line in lines))
        self.start("knot", "1", ["knotd", "-c", str(self.folder / "knot.conf")])
        self.start("dnsdist", "0", ["dnsdist", "-C", str(self.folder / "dnsdist.conf"), "--supervised"])
        self.start("policyproxy", "0", [self.program, "sidecar", "-p", str(self.folder / "policy.yaml"), "--labels", "app=x", "--flows", "none",
                                        "--dns-listen", f"127.0.0.1:{PROXY}", "--dns-upstream", f"127.0.0.1:{RESOLVER}"])
        for port in (RESOLVER, DNSDIST, PROXY):
            answered(port)
        for process in self.processes:
            if process.poll() is not None:
                self.__exit__()
                raise SystemExit(f"{process.args[3]} has ended: is somebody else at its port?")
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait()

    def start(self, name, cpu, command):
        process = subprocess.Popen(["taskset", "-c", cpu, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.processes.append(process)
        self.pids[name] = process.pid

    def measure(self, name, port, names, options, seconds):
        before = cpu_seconds(self.pids[name]) + softirq_seconds()
        text = subprocess.run(
            ["taskset", "-c", "1", "dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(self.folder / names), "-l", str(seconds), "-c", "4", "-T", "1", *options],
            capture_output=True, text=True, check=True).stdout
        spent = cpu_seconds(self.pids[name]) + softirq_seconds() - before
        completed = int(re.search(r"Queries completed:\s+(\d+)", text).group(1))
        refused = int((re.search(r"REFUSED (\d+)", text) or [0, 0])[1])
        if abs(refused / completed - (0.5 if names == DENIED else 0)) > 0.02:
            raise SystemExit(f"{name}: wrong answers:\n{text}")
        return {
            "rate": float(re.search(r"Queries per second:\s+([\d.]+)", text).group(1)),
            "latency": float(re.search(r"Average Latency \(s\):\s+([\d.]+)", text).group(1)) * 1e6,
            "cpu": spent / completed * 1e6,
            "lost": int(re.search(r"Queries lost:\s+(\d+)", text).group(1)),
        }


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}..{max(values):.{digits}f}]"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    for tool in ("knotd", "dnsdist", "dnsperf", "dig", "taskset"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is needed")
    results = {}
    with tempfile.TemporaryDirectory() as folder, Bench(options.program, folder) as bench:
        variants = [("dnsdist", DNSDIST), ("policyproxy", PROXY)]
        for _ in range(options.rounds):
            for load, names, arguments in (load for load in LOADS if options.only in load[0]):
                for name, port in variants:
                    results.setdefault(load, {}).setdefault(name, []).append(bench.measure(name, port, names, arguments, options.seconds))
            variants.reverse()
        memory = {name: resident(bench.pids[name]) for name, _ in variants}
    print("| load | queries a second | to dnsdist | CPU a query, us | to dnsdist | mean latency, us, dnsdist's | to dnsdist | lost, dnsdist's |\n|---|---|---|---|---|---|---|---|")
    for load, by in results.items():
        ours, theirs = by["policyproxy"], by["dnsdist"]

        def ratio(key):
            return spread([a[key] / b[key] for a, b in zip(ours, theirs)])

        def both(key, digits=0):
            return ", ".join(f"{statistics.median(x[key] for x in v):.{digits}f}" for v in (ours, theirs))

        print(f"| {load} | {statistics.median(x['rate'] for x in ours):,.0f} | {ratio('rate')} | {statistics.median(x['cpu'] for x in ours):.1f} | {ratio('cpu')} "
              f"| {both('latency')} | {ratio('latency')} | {sum(x['lost'] for x in ours)}, {sum(x['lost'] for x in theirs)} |")
    print(f"\nResident memory afterwards: {memory['policyproxy']:.1f} MB, dnsdist {memory['dnsdist']:.1f} MB.")


if __name__ == "__main__":
    main()
