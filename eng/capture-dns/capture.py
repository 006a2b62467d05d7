#!/usr/bin/python3
"""Records what DNS clients ask and servers answer: capture.py FOLDER. Writes dns-messages.jsonl into the folder. See README.md.

Runs itself again in a network and mount namespace of its own, where port 53 is free and /etc/resolv.conf is its own.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ZONE = os.path.join(HERE, "../../tests/Protocols.Tests/testdata/dns-zone.txt")
NAMES = [
    "zone.test", "www.zone.test", "six.zone.test", "zero.zone.test", "away.zone.test", "leaf.tree.zone.test", "any.wild.zone.test",
    "absent.zone.test", "many.zone.test", r"a\.b.zone.test", r"\000\255\(\)\"\;\@\$\\.zone.test", "elsewhere.example",
]
TYPED = [
    ("zone.test", "SOA"), ("zone.test", "NS"), ("zone.test", "MX"), ("zone.test", "TXT"), ("zone.test", "CAA"), ("zone.test", "ANY"),
    ("six.zone.test", "AAAA"), ("www.zone.test", "AAAA"), ("long.zone.test", "TXT"), ("huge.zone.test", "TXT"), ("many.zone.test", "AAAA"),
    ("_http._tcp.zone.test", "SRV"), ("sip.zone.test", "NAPTR"), ("sips.zone.test", "NAPTR"), ("host.zone.test", "HINFO"),
    ("host.zone.test", "RP"), ("host.zone.test", "LOC"), ("host.zone.test", "SSHFP"), ("80.2.0.192.zone.test", "PTR"),
    ("_443._tcp.zone.test", "TLSA"), ("odd.zone.test", "TYPE65400"), ("svc.zone.test", "HTTPS"), ("alias.zone.test", "HTTPS"),
    ("_dns.zone.test", "SVCB"), ("tree.zone.test", "DNAME"), ("zone.test", "DS"), ("id.server", "TXT"),
]


class Recorder:
    """Passes datagrams and TCP connections on to port 5300 and keeps every message."""

    def __init__(self):
        self.client, self.server, self.rows = "", "", {}
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 53))
        self.tcp = socket.create_server(("127.0.0.1", 53))
        threading.Thread(target=self.datagrams, daemon=True).start()
        threading.Thread(target=self.connections, daemon=True).start()

    def keep(self, kind, transport, message):
        by = self.client if kind == "query" else self.server
        # without the id, so that the same message is kept once
        self.rows.setdefault((kind, by, transport, message[2:]), {"kind": kind, "by": by, "transport": transport, "hex": message.hex()})

    def datagrams(self):
        while True:
            query, client = self.udp.recvfrom(65535)
            self.keep("query", "udp", query)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
                upstream.settimeout(5)
                upstream.sendto(query, ("127.0.0.1", 5300))
                try:
                    answer = upstream.recv(65535)
                except TimeoutError:
                    continue
            self.keep("response", "udp", answer)
            self.udp.sendto(answer, client)

    def connections(self):
        while True:
            client, _ = self.tcp.accept()
            threading.Thread(target=self.connection, args=(client,), daemon=True).start()

    def connection(self, client):
        with client, socket.create_connection(("127.0.0.1", 5300)) as upstream:
            while (query := self.frame(client)) is not None:
                self.keep("query", "tcp", query)
                upstream.sendall(len(query).to_bytes(2, "big") + query)
                answer = self.frame(upstream)
                if answer is None:
                    return
                self.keep("response", "tcp", answer)
                client.sendall(len(answer).to_bytes(2, "big") + answer)

    @staticmethod
    def frame(connection):
        def exactly(count):
            data = b""
            while len(data) < count and (part := connection.recv(count - len(data))):
                data += part
            return data if len(data) == count else None

        length = exactly(2)
        return None if length is None else exactly(int.from_bytes(length, "big"))


def servers(directory):
    unbound = os.path.join(directory, "unbound.conf")
    with open(unbound, "w", encoding="ascii") as file:
        file.write(f"""server:
  interface: 127.0.0.1
  port: 5300
  username: ""
  chroot: ""
  directory: "{directory}"
  pidfile: ""
  use-syslog: no
  ede: yes
  do-not-query-localhost: no
  module-config: "iterator"
  local-zone: "test." nodefault
  local-zone: "elsewhere.example." always_refuse
auth-zone:
  name: "zone.test"
  zonefile: "{os.path.abspath(ZONE)}"
  for-upstream: no
""")
    named = os.path.join(directory, "named.conf")
    with open(named, "w", encoding="ascii") as file:
        file.write(f"""options {{ directory "{directory}"; listen-on port 5300 {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no;
  pid-file none; session-keyfile none; dnssec-validation no; }};
zone "zone.test" {{ type primary; file "{os.path.abspath(ZONE)}"; check-names ignore; check-mx ignore; }};
""")
    return [
        (version("unbound -V", "unbound"), ["/usr/sbin/unbound", "-d", "-c", unbound]),
        (version("/usr/sbin/named -v", "named"), ["/usr/sbin/named", "-g", "-c", named]),
        (version("/usr/sbin/dnsmasq --version", "dnsmasq"), [
            "/usr/sbin/dnsmasq", "-k", "--no-resolv", "--no-hosts", "--port=5300", "--listen-address=127.0.0.1", "--bind-interfaces", "--user=",
            "--pid-file=", "--address=/zone.test/192.0.2.80", "--cname=www.zone.test,shop.zone.test", "--host-record=shop.zone.test,192.0.2.1,2001:db8::1"]),
    ]


def version(command, name):
    output = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    words = (output.stdout + output.stderr).split("\n")[0].replace(",", " ").split()
    return f"{name} " + next((word.lstrip("v") for word in words if word.lstrip("v")[:1].isdigit()), "")


def ask(recorder):
    def run(client, *command):
        recorder.client = client
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30, check=False)

    dig = version("dig -v", "dig")
    for name in NAMES:
        run(dig, "dig", "+tries=1", "+timeout=2", name)
    for name, kind in TYPED:
        run(dig, "dig", "+tries=1", "+timeout=2", name, kind)
    for options in (["+noedns"], ["+dnssec", "+cd"], ["+subnet=198.51.100.0/24"], ["+nsid", "+nocookie"], ["+padding=128"], ["+tcp"], ["+ednsopt=65001:abcd"],
                    ["+edns=1", "+noednsneg"], ["+norec", "+adflag", "+aaflag"], ["-y", "hmac-sha256:key:MTIzNDU2Nzg5MDEyMzQ1Ng=="]):
        run(dig, "dig", "+tries=1", "+timeout=2", *options, "wWw.ZoNe.TeSt")
    run(dig, "dig", "+tries=1", "+timeout=2", "+noedns", "+ignore", "many.zone.test")
    run(dig, "dig", "+tries=1", "+timeout=2", "+noedns", "many.zone.test")
    run(version("drill -v", "drill"), "drill", "www.zone.test")
    run("getent, glibc " + os.confstr("CS_GNU_LIBC_VERSION").split()[1], "getent", "ahosts", "www.zone.test")
    run(version("node --version", "node"), "node", "-e", """const dns = require('dns'); const r = new dns.Resolver(); r.setServers(['127.0.0.1']);
for (const t of ['A', 'AAAA', 'MX', 'TXT', 'SRV', 'NS', 'SOA', 'CAA']) r.resolve('zone.test', t, () => {}); r.resolve4('www.zone.test', () => {});""")
    run("host, " + dig, "host", "www.zone.test")
    run(version("curl --version", "curl"), "curl", "-s", "--max-time", "1", "--connect-timeout", "1", "http://absent.zone.test/")


def main():
    folder = os.path.abspath(sys.argv[1])
    if "--inside" not in sys.argv:
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, os.path.abspath(__file__), folder, "--inside"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="capture-") as directory:
        resolver = os.path.join(directory, "resolv.conf")
        with open(resolver, "w", encoding="ascii") as file:
            file.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        subprocess.run(["mount", "--bind", resolver, "/etc/resolv.conf"], check=True)
        recorder = Recorder()
        for name, command in servers(directory):
            recorder.server = name
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
                wait(server)
                ask(recorder)
                server.terminate()
            print(f"{name}: {sum(row['by'] == name for row in recorder.rows.values())} responses")
    with open(os.path.join(folder, "dns-messages.jsonl"), "w", encoding="ascii") as file:
        for row in recorder.rows.values():
            file.write(json.dumps(row) + "\n")
    print(f"{len(recorder.rows)} messages")


def wait(server):
    end = time.monotonic() + 10
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", 5300), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("a server did not start")


main()
