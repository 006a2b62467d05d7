#!/usr/bin/env python3
"""HTTP/2 with prior knowledge and gRPC through the sidecar, HAProxy (HTTP/2 on both sides) and nginx (grpc_pass), before the same nghttpd. The proxies have one
CPU, nghttpd and h2load the other; every proxy runs in every round, ratios are taken inside a round. run.py PROGRAM [--rounds N] [--seconds N] [--only TEXT] [--nice N]:
the native program; --nice -15, as root, keeps other work off the CPUs. Needs the Debian packages haproxy, nginx-light and nghttp2. Prints markdown."""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import Processes, cpu_seconds, free_port, spread  # noqa: E402

POLICY = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: cart}
spec:
  endpointSelector: {}
  ingress:
  - toPorts:
    - ports: [{port: "8080", protocol: TCP}]
      rules:
        http:
        - {method: POST, path: "/shop[.]Cart/.*"}
        - {method: GET, path: "/api/.*"}
"""

HAPROXY = """
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  http-reuse always
frontend clients
  bind 127.0.0.1:{port} proto h2
  acl call method POST
  acl cart path_beg /shop.Cart/
  acl get method GET
  acl api path_beg /api/
  http-request deny deny_status 403 unless call cart or get api
  default_backend origin
backend origin
  server origin 127.0.0.1:{origin} proto h2
"""

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 1024; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} http2;
    http2_max_requests 1000000000;
    location /shop.Cart/ {{ limit_except POST {{ deny all; }} grpc_pass grpc://origin; }}
    location /api/ {{ limit_except GET {{ deny all; }} grpc_pass grpc://origin; }}
    location / {{ return 403; }}
  }}
}}
"""

# title: path, connections, streams each, arguments of h2load
LOADS = {
    "GET, 64 connections, 1 stream each": ("/api/small", 64, 1, []),
    "GET, 16 connections, 16 streams each": ("/api/small", 16, 16, []),
    "gRPC call, 64 connections, 1 stream each": ("/shop.Cart/GetItem", 64, 1, ["grpc"]),
    "gRPC call, 16 connections, 16 streams each": ("/shop.Cart/GetItem", 16, 16, ["grpc"]),
}


class Bench:
    def __init__(self, program, folder, nice):
        self.folder, self.processes, self.ports, self.pids = pathlib.Path(folder), Processes(nice), {}, {}
        content = self.folder / "content"
        for path in ("api/small", "shop.Cart/GetItem"):
            (content / path).parent.mkdir(parents=True)
            (content / path).write_bytes(b"\0\0\0\0\x5f\x0a\x5d" + b"a" * 93)  # a message of 95 bytes in its gRPC frame, 100 bytes in all
        (self.folder / "message").write_bytes(b"\0\0\0\0\x06\x0a\x04book")
        (self.folder / "policy.yaml").write_text(POLICY)
        self.origin = free_port()
        self.processes.start("0", ["nghttpd", "--no-tls", "-n1", "--trailer=grpc-status: 0", "-d", str(content), str(self.origin)], self.origin)
        self.ports["direct"] = self.origin
        port = free_port()
        self.proxy("policyproxy", port, [program, "sidecar", "-p", str(self.folder / "policy.yaml"), "--labels", "app=x", "--flows", "none", "--policy-port", "8080",
                                         "--listen", f"127.0.0.1:{port}", "--upstream", f"http://127.0.0.1:{self.origin}"])
        port = free_port()
        self.proxy("haproxy", port, ["haproxy", "-db", "-q", "-f", self.write("haproxy.cfg", HAPROXY, port)])
        port = free_port()
        self.proxy("nginx", port, ["nginx", "-e", str(self.folder / "error.log"), "-c", self.write("nginx.conf", NGINX, port)])

    def write(self, name, text, port):
        (self.folder / name).write_text(text.format(port=port, origin=self.origin, folder=self.folder))
        return str(self.folder / name)

    def proxy(self, name, port, command):
        self.ports[name] = port
        self.pids[name] = self.processes.start("1", command, port)

    def check(self):
        for name, port in self.ports.items():
            if name != "direct":
                for path, status in (("/api/small", "200"), ("/private", "403")):
                    got = subprocess.run(["curl", "-s", "--noproxy", "*", "--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{port}{path}"],
                                         capture_output=True, text=True, check=False).stdout
                    if got != status:
                        raise SystemExit(f"{name}: {path} gave {got}, not {status}")

    def measure(self, name, load, seconds):
        path, connections, streams, options = LOADS[load]
        arguments = ["-d", str(self.folder / "message"), "-H", "content-type: application/grpc", "-H", "te: trailers"] if "grpc" in options else []
        before = cpu_seconds(self.pids[name]) if name in self.pids else 0
        text = subprocess.run([*self.processes.on, "0", "h2load", "-t1", f"-c{connections}", f"-m{streams}", f"-D{seconds}", *arguments, f"http://127.0.0.1:{self.ports[name]}{path}"],
                              capture_output=True, text=True, check=True).stdout
        rate = float(re.search(r"finished in [^,]+, ([\d.]+) req/s", text)[1])
        good, wrong = map(int, re.search(r"status codes: (\d+) 2xx, (?:\d+) 3xx, (\d+) 4xx", text).groups())
        failed = int(re.search(r"(\d+) failed", text)[1])
        if wrong or failed or not good:
            raise SystemExit(f"{name}, {load}: {good} good, {wrong} refused, {failed} failed\n{text}")
        spent = cpu_seconds(self.pids[name]) - before if name in self.pids else 0
        return rate, spent / good * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--nice", type=int, default=0)
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.program, folder, options.nice)
        try:
            bench.check()
            names = list(bench.ports)
            loads = [load for load in LOADS if options.only in load]
            for load in loads:
                for name in names:
                    bench.measure(name, load, 1)  # warm
                for _ in range(options.rounds):
                    for name in names:
                        results.setdefault(load, {}).setdefault(name, []).append(bench.measure(name, load, options.seconds))
                    names = names[1:] + names[:1]
        finally:
            bench.processes.stop()
    print("| load | proxy | requests a second | to HAProxy | to nginx | CPU a request, us |\n|---|---|---|---|---|---|")
    for load in loads:
        rates = {name: [rate for rate, _ in runs] for name, runs in results[load].items()}
        for name in bench.ports:
            ratios = [spread([r / o for r, o in zip(rates[name], rates[other])]) for other in ("haproxy", "nginx")]
            cpu = f"{statistics.median(c for _, c in results[load][name]):.1f}" if name in bench.pids else ""
            print(f"| {load} | {name} | {statistics.median(rates[name]):,.0f} | {' | '.join(ratios)} | {cpu} |")


if __name__ == "__main__":
    main()
