#!/usr/bin/env python3
"""What redirection in the kernel costs, paired: the same client and server with nothing between, with the kernel deciding alone, redirected by the
kernel, and redirected by nft. Needs root, wrk, nginx, nft and the program: run.py PROGRAM [--rounds N] [--seconds N]. Prints markdown."""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

SUBNET, SUBNET_HOST, SERVER = "10.214.14.0/24", "10.214.14.1", "10.214.14.2"
NAMESPACE, DEVICE = "ppbench", "ppbench0"
PLAIN, JUDGED, NFT = 8081, 8080, 8082

POLICY = f"""
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: bench}}
spec:
  endpointSelector: {{}}
  egress:
  - toCIDR: ["{SERVER}/32"]
    toPorts:
    - ports: [{{port: "{PLAIN}", protocol: TCP}}]
  - toCIDR: ["{SERVER}/32"]
    toPorts:
    - ports: [{{port: "{JUDGED}", protocol: TCP}}]
      rules:
        http: [{{method: GET, path: "/.*"}}]
"""

SIDECAR_POLICY = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: bench}
spec:
  endpointSelector: {}
  ingress:
  - toPorts:
    - ports: [{port: "80", protocol: TCP}]
      rules:
        http: [{method: GET, path: "/.*"}]
"""

NGINX = """
worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; sendfile on;
  server {{ listen 8080 backlog=4096; listen 8081 backlog=4096; root {folder}; location = /small {{ return 200 "hello\\n"; }} }} }}
"""

# (name, wrk options, path)
LOADS = [
    ("connection a request, 1 client", ["-c1", "-t1", "-H", "Connection: close"], "/small"),
    ("connection a request, 16 clients", ["-c16", "-t1", "-H", "Connection: close"], "/small"),
    ("kept connection, 1 client", ["-c1", "-t1"], "/small"),
    ("kept connections, 16 clients", ["-c16", "-t1"], "/small"),
    ("1 MiB bodies, 4 clients", ["-c4", "-t1"], "/big"),
]


def ip(*arguments, check=True):
    subprocess.run(["ip", *arguments], check=check, stderr=subprocess.DEVNULL if not check else None)


def wrk(options, url, seconds):
    return ["wrk", f"-d{seconds}s", *options, "--latency", url]


def reached(url):
    """Returns once the server answers there."""
    deadline = time.monotonic() + 30
    while subprocess.run(["curl", "-sf", "-m", "1", "-o", "/dev/null", url], check=False).returncode:
        if time.monotonic() > deadline:
            raise SystemExit(f"{url} does not answer")


def measure(command):
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text:
        raise SystemExit(f"wrong answers:\n{text}")
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", text).group(1))
    value, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, float(value) * {"us": 1, "ms": 1000, "s": 1_000_000}[unit]


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder, self.processes = program, pathlib.Path(folder), []

    def __enter__(self):
        ip("netns", "del", NAMESPACE, check=False)
        ip("netns", "add", NAMESPACE)
        ip("link", "add", DEVICE, "type", "veth", "peer", "name", "eth0", "netns", NAMESPACE)
        ip("addr", "add", f"{SUBNET_HOST}/24", "dev", DEVICE)
        ip("link", "set", DEVICE, "up")
        ip("-n", NAMESPACE, "addr", "add", f"{SERVER}/24", "dev", "eth0")
        ip("-n", NAMESPACE, "link", "set", "eth0", "up")
        self.folder.chmod(0o755)
        (self.folder / "policy.yaml").write_text(POLICY)
        (self.folder / "sidecar.yaml").write_text(SIDECAR_POLICY)
        (self.folder / "big").write_bytes(os.urandom(1 << 20))
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder))
        self.start(["ip", "netns", "exec", NAMESPACE, "nginx", "-c", str(self.folder / "nginx.conf")])
        self.start([self.program, "sidecar", "-p", str(self.folder / "sidecar.yaml"), "--labels", "app=x", "--policy-port", "80", "--flows", "none",
                    "--listen", "127.0.0.1:15990", "--upstream", f"{SERVER}:{JUDGED}"])
        subprocess.run(["nft", "-f", "-"], text=True, check=True, input=f"""
table ip ppbench {{
              chain output {{
                type nat hook output priority -100;
                ip daddr {SERVER} tcp dport {NFT} redirect to :15990
              }}
            }}
""")
        for port in (PLAIN, NFT):
            reached(f"http://{SERVER}:{port}/small")
        return self

    def __exit__(self, *_):
        subprocess.run(["nft", "delete", "table", "ip", "ppbench"], check=False)
        for process in self.processes:
            process.terminate()
            process.wait()
        ip("netns", "del", NAMESPACE, check=False)

    def start(self, command):
        self.processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def variants(self, options, path, seconds):
        confined = [self.program, "run", "-p", str(self.folder / "policy.yaml"), "--summary", "none", "--"]
        yield "nothing", wrk(options, f"http://{SERVER}:{PLAIN}{path}", seconds)
        yield "kernel alone", confined + wrk(options, f"http://{SERVER}:{PLAIN}{path}", seconds)
        yield "kernel redirects", confined + wrk(options, f"http://{SERVER}:{JUDGED}{path}", seconds)
        yield "nft redirects", wrk(options, f"http://{SERVER}:{NFT}{path}", seconds)


def spread(values):
    return f"{statistics.median(values):.2f} [{min(values):.2f}..{max(values):.2f}]"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--json")
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder, Bench(options.program, folder) as bench:
        for _ in range(options.rounds):
            for name, load, path in LOADS:
                for variant, command in bench.variants(load, path, options.seconds):
                    results.setdefault(name, {}).setdefault(variant, []).append(measure(command))
    print("| load | kernel alone / nothing | p50, us | kernel redirects / nft redirects | p50, us |\n|---|---|---|---|---|")
    for name, by in results.items():
        def ratio(a, b):
            return spread([x[0] / y[0] for x, y in zip(by[a], by[b])])

        def p50(*which):
            return " / ".join(f"{statistics.median(x[1] for x in by[w]):.0f}" for w in which)

        print(f"| {name} | {ratio('kernel alone', 'nothing')} | {p50('kernel alone', 'nothing')} "
              f"| {ratio('kernel redirects', 'nft redirects')} | {p50('kernel redirects', 'nft redirects')} |")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results))


if __name__ == "__main__":
    main()
