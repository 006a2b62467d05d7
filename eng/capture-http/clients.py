"""The clients to record: a name with its version, and the commands that make it send requests to the listener."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"  # the system's, which has the libraries of the distribution

CURL = [
    "ORIGIN/", "ORIGIN/first ORIGIN/second", "ORIGIN/a/b?limit=10&q=a%20b", "-I ORIGIN/head", "-0 ORIGIN/old", "-d a=1&b=2 ORIGIN/form", "--json {} ORIGIN/json",
    "-T FILE ORIGIN/put", "-T FILE -H Expect:100-continue ORIGIN/wait", "-T - ORIGIN/chunks", "-F a=1 -F file=@FILE ORIGIN/parts", "-X OPTIONS --request-target * ORIGIN",
    "-x ORIGIN http://api.example/a/b?through=proxy", "-x ORIGIN -p http://api.example:8080/tunnel", "--http2 ORIGIN/h2c", "--tr-encoding --compressed ORIGIN/te",
    "-r 0-99 -u user:pass -e ORIGIN/ -b a=1 ORIGIN/fields", "--path-as-is ORIGIN/a/../b/./c//d", "-g IPV6/[1]{2}|^`", "-X PATCH -H X-Empty; -H X-List:a -H X-List:b ORIGIN/patch",
    "-H Connection:Upgrade -H Upgrade:websocket -H Sec-WebSocket-Version:13 -H Sec-WebSocket-Key:dGhlIHNhbXBsZSBub25jZQ== ORIGIN/socket",
]

WGET = ["-O /dev/null ORIGIN/a?b=c", "-O /dev/null --post-data=a=1 ORIGIN/form", "-O /dev/null --method=PUT --body-file=FILE ORIGIN/put", "--spider ORIGIN/head",
        "-O /dev/null --no-http-keep-alive --header=Range:bytes=1- ORIGIN/part"]

QUIET_FIREFOX = {
    "app.normandy.enabled": False, "app.update.auto": False, "browser.safebrowsing.malware.enabled": False, "browser.safebrowsing.phishing.enabled": False,
    "browser.startup.homepage_override.mstone": "ignore", "datareporting.healthreport.uploadEnabled": False, "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False, "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,", "toolkit.telemetry.enabled": False,
}


def version(command, pattern=r"\d+(\.\d+)+\S*"):
    output = subprocess.run(command, capture_output=True, text=True, check=False)
    return re.search(pattern, output.stdout + output.stderr).group(0)


def package(name):
    return subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], capture_output=True, text=True, check=True).stdout


def python_module(name):
    return version([PYTHON, "-c", f"import {name}; print({name}.__version__)"])


def run(command, directory=None, stdin=b"streamed body", seconds=180):
    subprocess.run(command, cwd=directory, input=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=seconds, check=False)


def each(program, lines, origin, file):
    for line in lines:
        words = [word.replace("ORIGIN", origin).replace("IPV6", origin.replace("127.0.0.1", "[::1]")).replace("FILE", file) for word in line.split(" ")]
        run([*program, *words])


def git(origin, directory):
    clone = os.path.join(directory, "clone")
    options = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "http.postBuffer=1024"]
    run(["git", "clone", "-q", origin + "/x.git", clone])
    with open(os.path.join(clone, "random"), "wb") as blob:
        blob.write(os.urandom(4096))
    run(["git", "add", "."], clone)
    run(["git", *options, "commit", "-q", "-m", "x"], clone)
    run(["git", *options, "push", "-q", "origin", "HEAD"], clone)


def browser(command, listener):
    listener.done.clear()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not listener.done.wait(90):
        print("  the page was not finished", file=sys.stderr)
    process.terminate()
    process.wait(20)


def firefox(listener, origin, directory):
    profile = os.path.join(directory, "firefox")
    os.makedirs(profile)
    with open(os.path.join(profile, "user.js"), "w", encoding="ascii") as preferences:
        for name, value in QUIET_FIREFOX.items():
            preferences.write(f'user_pref("{name}", {str(value).lower() if isinstance(value, bool) else chr(34) + value + chr(34)});\n')
    browser(["firefox-esr", "--headless", "--no-remote", "--profile", profile, origin + "/page"], listener)


def chromium(listener, origin, directory):
    browser(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
             "--user-data-dir=" + os.path.join(directory, "chromium"), origin + "/page"], listener)


def all_clients(listener, origin, directory):
    """Pairs of a name and an action, for the programs that are installed."""
    local = lambda path: os.path.join(HERE, "clients", path)
    file = os.path.join(directory, "file.txt")
    python = lambda library: lambda: run([PYTHON, local("client.py"), library, origin])
    clients = [
        ("curl", lambda: "curl " + version(["curl", "--version"]), lambda: each(["curl", "-s", "-m", "20", "-o", "/dev/null"], CURL, origin, file)),
        ("wget", lambda: "Wget " + version(["wget", "--version"]), lambda: each(["wget", "-q", "-t", "1"], WGET, origin, file)),
        ("wrk", lambda: "wrk " + package("wrk"), lambda: [run(["wrk", "-d", "1", "-c", "1", "-t", "1", *script, origin + "/wrk"]) for script in ([], ["-s", local("pipeline.lua")])]),
        ("h2load", lambda: "h2load " + package("nghttp2-client"), lambda: [run(["h2load", "--h1", "-n", "4", "-c", "1", *more, origin + "/h2load"]) for more in ([], ["-d", file])]),
        (PYTHON, lambda: "Python urllib " + version([PYTHON, "--version"]), python("urllib")),
        (PYTHON, lambda: "Python http.client " + version([PYTHON, "--version"]), python("http.client")),
        (PYTHON, lambda: "Python requests " + python_module("requests"), python("requests")),
        (PYTHON, lambda: "Python aiohttp " + python_module("aiohttp"), python("aiohttp")),
        ("node", lambda: "Node.js http " + version(["node", "--version"]), lambda: run(["node", local("client.mjs"), "http", origin])),
        ("node", lambda: "Node.js fetch " + version(["node", "--version"]), lambda: run(["node", local("client.mjs"), "fetch", origin])),
        ("dotnet", lambda: ".NET HttpClient " + version(["dotnet", "--list-runtimes"], r"(?<=NETCore.App )\S+"), lambda: run(["dotnet", "run", local("Client.cs"), origin], directory)),
        ("java", lambda: "Java HttpClient " + version(["java", "--version"]), lambda: run(["java", local("Client.java"), origin])),
        ("git", lambda: "git " + version(["git", "--version"]), lambda: git(origin, directory)),
        ("lwp-request", lambda: "Perl LWP " + package("libwww-perl"), lambda: [run(["lwp-request", "-m", method, origin + "/lwp"]) for method in ("GET", "POST", "HEAD")]),
        ("chromium", lambda: "Chromium " + version(["chromium", "--version"]), lambda: chromium(listener, origin, directory)),
        ("firefox-esr", lambda: "Firefox " + version(["firefox-esr", "--version"]), lambda: firefox(listener, origin, directory)),
    ]
    for program, name, action in clients:
        if shutil.which(program):
            yield name(), action
        else:
            print(f"{program} is not installed", file=sys.stderr)


def prepare(directory):
    """A file to upload and a repository to clone."""
    with open(os.path.join(directory, "file.txt"), "w", encoding="ascii") as file:
        file.write("hello from a file\n")
    seed, bare = tempfile.mkdtemp(dir=directory), os.path.join(directory, "x.git")
    run(["git", "init", "-q", seed])
    run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "first"], seed)
    run(["git", "clone", "-q", "--bare", seed, bare])
    run(["git", "config", "http.receivepack", "true"], bare)
