"""The servers to record: how each is started, and the connections to open to it."""
import os
import shutil
import socket
import subprocess
import sys
import time

import framing
from clients import PYTHON, package, python_module, version

HERE = os.path.dirname(os.path.abspath(__file__))
WEBSOCKET = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
CLOSE = "Connection: close\r\n"


def request(method, path, fields="", body="", protocol="HTTP/1.1"):
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} {protocol}\r\nHost: 127.0.0.1\r\n{fields}{length}\r\n{body}".encode()


def get(path, fields=""):
    return request("GET", path, fields)


# Every connection ends with a request that makes the server close it.
FILES = [
    [get("/file.txt"), get("/file.txt", "Range: bytes=0-3\r\n"), get("/missing", CLOSE)],
    [request("HEAD", "/file.txt"), get("/file.txt", "If-None-Match: \"x\"\r\nIf-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT\r\n"), request("HEAD", "/missing", CLOSE)],
    [get("/file.txt", "Accept-Encoding: gzip\r\n"), get("/folder", CLOSE)],
    [request("PUT", "/file.txt", CLOSE, "x")], [request("OPTIONS", "/", CLOSE)], [request("DELETE", "/file.txt", CLOSE)],
    [get("/file.txt", "Range: bytes=900000-\r\n" + CLOSE)], [get("/file.txt", "Range: bytes=0-1,3-4\r\n" + CLOSE)],
    [request("GET", "/file.txt", protocol="HTTP/1.0")], [request("GET", "/file.txt", "Connection: keep-alive\r\n", protocol="HTTP/1.0"), get("/file.txt", CLOSE)],
    [b"GET / HTTP/1.1\r\n\r\n"], [b"nonsense\r\n\r\n"], [request("GET", "/", CLOSE, protocol="HTTP/3.7")], [get("/" + "x" * 70_000, CLOSE)],
]
LISTS = [[get("/list/", CLOSE)], [get("/moved", CLOSE)]]
APPLICATION = [
    [get("/text"), get("/chunks"), get("/none"), get("/trailers", "TE: trailers\r\n"), get("/cookies"), get("/missing", CLOSE)],
    [request("HEAD", "/text"), request("HEAD", "/chunks"), get("/same"), get("/moved"), get("/json", CLOSE)],
    [get("/hints"), get("/processing"), get("/odd", CLOSE)], [get("/socket", WEBSOCKET)],
    [request("PUT", "/text", "Expect: 100-continue\r\n" + CLOSE, "hello")], [request("GET", "/chunks", protocol="HTTP/1.0")],
    [request("GET", "/text", "Connection: keep-alive\r\n", protocol="HTTP/1.0"), get("/text", CLOSE)],
    [b"GET / HTTP/1.1\r\n\r\n"], [b"nonsense\r\n\r\n"], [request("DELETE", "/text", CLOSE)], [request("OPTIONS", "*", CLOSE)],
]
PROXY = [[get("/proxy/through?a=b"), request("PUT", "/proxy/through", "Expect: 100-continue\r\n", "hello"), request("HEAD", "/proxy/through", CLOSE)],
         [b"PUT /proxy/chunks HTTP/1.1\r\nHost: a\r\n" + CLOSE.encode() + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]]


def configured(name, directory, port, capture):
    with open(os.path.join(HERE, "servers", name), encoding="utf-8") as template:
        text = template.read()
    for mark, value in (("PORT", port), ("CAPTURE", capture), ("FOLDER", directory), ("MODULES", "/usr/lib/apache2/modules")):
        text = text.replace(mark, str(value))
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def all_servers(directory, port, capture):
    """Name, command and connections of each server that is installed."""
    local = lambda path: os.path.join(HERE, "servers", path)
    config = lambda name: configured(name, directory, port, capture)
    www = os.path.join(directory, "www")
    replies = [[get("/text"), get("/moved"), request("HEAD", "/text"), get("/none"), get("/denied", CLOSE)], [get("/nobody", CLOSE)]]
    servers = [
        ("nginx", lambda: "nginx " + package("nginx"), lambda: ["nginx", "-p", directory, "-c", config("nginx.conf")],
         FILES + LISTS + replies + PROXY + [[get("/gzip/file.txt", "Accept-Encoding: gzip\r\n" + CLOSE)], [get("/proxy11/through", CLOSE)]]),
        ("haproxy", lambda: "HAProxy " + package("haproxy"), lambda: ["haproxy", "-f", config("haproxy.cfg")], FILES[-4:] + replies + PROXY),
        ("apache2", lambda: "Apache " + package("apache2-bin"), lambda: ["apache2", "-d", directory, "-f", config("apache2.conf"), "-D", "FOREGROUND"], FILES + LISTS + PROXY),
        ("lighttpd", lambda: "lighttpd " + package("lighttpd"), lambda: ["lighttpd", "-D", "-f", config("lighttpd.conf")], FILES + LISTS),
        ("varnishd", lambda: "Varnish " + package("varnish"),
         lambda: ["varnishd", "-F", "-i", "cache", "-n", os.path.join(directory, "varnish"), "-a", f"127.0.0.1:{port}", "-f", config("varnish.vcl"), "-s", "malloc,16m"],
         FILES[:1] + FILES[-4:] + PROXY + [[get("/cookie"), get("/cookie"), request("HEAD", "/moved"), get("/denied", CLOSE)]]),
        ("node", lambda: "Node.js " + version(["node", "--version"]), lambda: ["node", local("server.mjs"), str(port)], APPLICATION),
        (PYTHON, lambda: "Python http.server " + version([PYTHON, "--version"]), lambda: [PYTHON, local("server.py"), "http.server", str(port)], FILES[:2] + FILES[3:6] + FILES[-6:]),
        (PYTHON, lambda: "Python http.server HTTP/1.1 " + version([PYTHON, "--version"]), lambda: [PYTHON, local("server.py"), "http.server", str(port), "1.1"], FILES[:2] + FILES[-6:]),
        (PYTHON, lambda: "Python aiohttp " + python_module("aiohttp"), lambda: [PYTHON, local("server.py"), "aiohttp", str(port)], APPLICATION),
        ("dotnet", lambda: "Kestrel " + version(["dotnet", "--list-runtimes"], r"(?<=AspNetCore.App )\S+"), lambda: ["dotnet", "run", local("Server.cs"), str(port)], APPLICATION),
    ]
    for program, name, command, connections in servers:
        if shutil.which(program):
            yield name(), command(), www, connections
        else:
            print(f"{program} is not installed", file=sys.stderr)


def record(command, folder, port, connections):
    """Starts a server and gives, for each connection, the methods asked and the bytes that came back."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(port, process)
        for requests in connections:
            methods = [message.split(b" ")[0].decode() for message in requests]
            yield methods, exchange(port, requests, methods)
    finally:
        process.terminate()
        process.wait(20)


def wait(port, process):
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")


def exchange(port, requests, methods):
    received = b""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.settimeout(10)
        connection.sendall(b"".join(requests))
        try:
            while (data := connection.recv(65536)):
                received += data
                if b" 101 " in received[:16] and framing.head_end(received) and methods[0] == "GET":
                    return received[:framing.head_end(received)]
        except OSError:
            pass  # a reset; what came before counts
    return received
