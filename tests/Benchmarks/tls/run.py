#!/usr/bin/env python3
"""TLS that is passed through and judged by its server name, beside the same relay without layer 7 rules and HAProxy that chooses by server name. The relays have one
CPU, nginx and h2load the other; every relay runs in every round, ratios are taken inside a round. run.py PROGRAM [--rounds N] [--seconds N] [--nice N]: the native program;
--nice -15, as root, keeps other work off the CPUs. Needs the Debian packages haproxy, nginx-light, nghttp2-client and openssl. Prints markdown."""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import Processes, cpu_seconds, free_port, spread  # noqa: E402

NAME = "api.example.test"

POLICY = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: tls}}
spec:
  endpointSelector: {{}}
  ingress:
  - toPorts:
    - ports: [{{port: "8443", protocol: TCP}}]
{rules}
"""

HAPROXY = """
global
  nbthread 1
defaults
  mode tcp
  timeout connect 5s
  timeout client 600s
  timeout server 600s
frontend clients
  bind 127.0.0.1:{port}
  tcp-request inspect-delay 5s
  tcp-request content accept if {{ req.ssl_sni -i """ + NAME + """ }}
  tcp-request content reject if {{ req.ssl_hello_type 1 }}
  default_backend origin
backend origin
  server origin 127.0.0.1:{origin}
"""

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  ssl_certificate {folder}/certificate.pem;
  ssl_certificate_key {folder}/key.pem;
  server {{
    listen 127.0.0.1:{origin} ssl;
    root {folder}/content;
  }}
}}
"""

# title: path, arguments of h2load for so many seconds
LOADS = {
    "bodies of 1 MiB, 4 kept connections": ("/large", lambda seconds: ["-c4", f"-D{seconds}"]),
    "bodies of 100 B, 64 kept connections": ("/small", lambda seconds: ["-c64", f"-D{seconds}"]),
    "1,000 new connections, a request each": ("/small", lambda seconds: ["-c1000", "-n1000"]),
}


class Bench:
    def __init__(self, program, folder, nice):
        self.folder, self.processes, self.ports, self.pids = pathlib.Path(folder), Processes(nice), {}, {}
        self.origin = free_port()
        (self.folder / "content").mkdir()
        (self.folder / "content/small").write_bytes(b"a" * 100)
        (self.folder / "content/large").write_bytes(b"a" * 1_048_576)
        self.folder.chmod(0o755)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={NAME}", "-days", "2",
                        "-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "certificate.pem")], check=True, capture_output=True)
        self.processes.start("0", ["nginx", "-e", str(self.folder / "error.log"), "-c", self.write("nginx.conf", NGINX)], self.origin)
        self.sidecar("plain relay", program, "")
        self.sidecar("by server name", program, f"      serverNames: [{NAME}]")
        port = free_port()
        self.relay("haproxy", port, ["haproxy", "-db", "-q", "-f", self.write("haproxy.cfg", HAPROXY, port)])

    def write(self, name, text, port=0):
        (self.folder / name).write_text(text.format(port=port, origin=self.origin, folder=self.folder))
        return str(self.folder / name)

    def sidecar(self, name, program, rules):
        port, policy = free_port(), self.folder / f"{name}.yaml".replace(" ", "-")
        policy.write_text(POLICY.format(rules=rules))
        self.relay(name, port, [program, "sidecar", "-p", str(policy), "--labels", "app=x", "--flows", "none", "--policy-port", "8443",
                                "--listen", f"127.0.0.1:{port}", "--upstream", f"127.0.0.1:{self.origin}"])

    def relay(self, name, port, command):
        self.ports[name] = port
        self.pids[name] = self.processes.start("1", command, port)

    def check(self):
        for name, port in self.ports.items():
            for host, good in ((NAME, True), ("other.example.test", name == "plain relay")):
                got = subprocess.run(["curl", "-sk", "--noproxy", "*", "--resolve", f"{host}:{port}:127.0.0.1", f"https://{host}:{port}/small"],
                                     capture_output=True, text=True, check=False).stdout
                if (len(got) == 100) != good:
                    raise SystemExit(f"{name}: {host} gave {got!r}")

    def measure(self, name, load, seconds):
        path, arguments = LOADS[load]
        before = cpu_seconds(self.pids[name])
        text = subprocess.run([*self.processes.on, "0", "h2load", "--h1", "-t1", *arguments(seconds), f"--connect-to=127.0.0.1:{self.ports[name]}", f"https://{NAME}{path}"],
                              capture_output=True, text=True, check=True).stdout
        rate = float(re.search(r"finished in [^,]+, ([\d.]+) req/s", text)[1])
        good = int(re.search(r"status codes: (\d+) 2xx", text)[1])
        if not good or int(re.search(r"(\d+) failed", text)[1]):
            raise SystemExit(f"{name}, {load}:\n{text}")
        return rate, (cpu_seconds(self.pids[name]) - before) / good * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--nice", type=int, default=0)
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.program, folder, options.nice)
        try:
            bench.check()
            names = list(bench.ports)
            for load in LOADS:
                for name in names:
                    bench.measure(name, load, 1)  # warm
                for _ in range(options.rounds):
                    for name in names:
                        results.setdefault(load, {}).setdefault(name, []).append(bench.measure(name, load, options.seconds))
                    names = names[1:] + names[:1]
        finally:
            bench.processes.stop()
    print("| load | relay | requests a second | to the plain relay | CPU a request, us |\n|---|---|---|---|---|")
    for load, by in results.items():
        for name in bench.ports:
            ratio = spread([ours[0] / plain[0] for ours, plain in zip(by[name], by["plain relay"])])
            print(f"| {load} | {name} | {statistics.median(rate for rate, _ in by[name]):,.0f} | {ratio} | {statistics.median(cpu for _, cpu in by[name]):.1f} |")


if __name__ == "__main__":
    main()
