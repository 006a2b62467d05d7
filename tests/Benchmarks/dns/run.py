#!/usr/bin/env python3
"""The DNS proxy beside dnsdist with the same rules: the proxy on one CPU, dnsperf and unbound on the others. Needs dnsperf, dnsdist, unbound
and the program: run.py PROGRAM [--rounds N] [--seconds N]. Prints markdown; all variants run in every round, ratios are taken inside a round."""

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

UNBOUND = """
server:
  interface: 127.0.0.1@{port}
  port: {port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  use-syslog: no
  logfile: "{folder}/unbound.log"
  so-rcvbuf: 4m
  local-zone: "example.test." static
"""

DNSDIST_CONF = """
setLocal("127.0.0.1:{dnsdist}", {{reusePort=false}})
setACL({{"127.0.0.0/8"}})
newServer({{address="127.0.0.1:{resolver}", sockets=1, useClientSubnet=false, checkInterval=10, checkName="n0.example.test.", checkType="A", mustResolve=false}})
allowed = newDNSNameSet()
for i = 0, {names} - 1 do allowed:add(newDNSName("n" .. i .. ".example.test.")) end
addAction(NotRule(QNameSetRule(allowed)), RCodeAction(DNSRCode.REFUSED))
setMaxUDPOutstanding(65535)
setSecurityPollSuffix("")
"""

# (name, share of denied queries, dnsperf options)
LOADS = [
    ("allowed, as fast as it goes", 0, ["-q", "200"]),
    ("half of them denied", 2, ["-q", "200"]),
    ("allowed, 10,000 a second", 0, ["-q", "200", "-Q", "10000"]),
]


def policy():
    names = "".join(f"        - matchName: n{i}.example.test\n" for i in range(NAMES))
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
        data = "".join(f'  local-data: "n{i}.example.test. 60 IN A 203.0.113.{i % 250 + 1}"\n' for i in range(NAMES))
        (self.folder / "unbound.conf").write_text(UNBOUND.format(port=RESOLVER, folder=self.folder) + data)
        (self.folder / "dnsdist.conf").write_text(DNSDIST_CONF.format(dnsdist=DNSDIST, resolver=RESOLVER, names=NAMES))
        (self.folder / "policy.yaml").write_text(policy())
        for denied in (0, 2):
            lines = [f"x{i}.example.test A" if denied and i % denied else f"n{i}.example.test A" for i in range(NAMES)]
            (self.folder / f"queries{denied}").write_text("\n".join(lines) + "\n")
        self.start("unbound", "1", ["unbound", "-c", str(self.folder / "unbound.conf")])
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

    def measure(self, name, port, denied, options, seconds):
        before = cpu_seconds(self.pids[name])
        text = subprocess.run(
            ["taskset", "-c", "1", "dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(self.folder / f"queries{denied}"), "-l", str(seconds), "-c", "4", "-T", "1", *options],
            capture_output=True, text=True, check=True).stdout
        spent = cpu_seconds(self.pids[name]) - before
        completed = int(re.search(r"Queries completed:\s+(\d+)", text).group(1))
        refused = int((re.search(r"REFUSED (\d+)", text) or [0, 0])[1])
        if denied and abs(refused / completed - 0.5) > 0.02 or not denied and refused:
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
    options = parser.parse_args()
    for tool in ("unbound", "dnsdist", "dnsperf", "dig", "taskset"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is needed")
    results = {}
    with tempfile.TemporaryDirectory() as folder, Bench(options.program, folder) as bench:
        variants = [("dnsdist", DNSDIST), ("policyproxy", PROXY)]
        for _ in range(options.rounds):
            for load, denied, arguments in LOADS:
                for name, port in variants:
                    results.setdefault(load, {}).setdefault(name, []).append(bench.measure(name, port, denied, arguments, options.seconds))
            variants.reverse()
        memory = {name: resident(bench.pids[name]) for name, _ in variants}
    print("| load | queries a second | to dnsdist | CPU a query, us | to dnsdist | mean latency, us, dnsdist's | lost, dnsdist's |\n|---|---|---|---|---|---|---|")
    for load, by in results.items():
        ours, theirs = by["policyproxy"], by["dnsdist"]

        def ratio(key):
            return spread([a[key] / b[key] for a, b in zip(ours, theirs)])

        def both(key, digits=0):
            return ", ".join(f"{statistics.median(x[key] for x in v):.{digits}f}" for v in (ours, theirs))

        print(f"| {load} | {statistics.median(x['rate'] for x in ours):,.0f} | {ratio('rate')} | {statistics.median(x['cpu'] for x in ours):.1f} | {ratio('cpu')} "
              f"| {both('latency')} | {sum(x['lost'] for x in ours)}, {sum(x['lost'] for x in theirs)} |")
    print(f"\nResident memory afterwards: {memory['policyproxy']:.1f} MB, dnsdist {memory['dnsdist']:.1f} MB.")


if __name__ == "__main__":
    main()
