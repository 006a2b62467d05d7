#!/usr/bin/python3
"""Records what HTTP/1 clients send and servers answer: capture.py FOLDER [WORD...]. With words, only programs whose name holds one.

Writes http-heads.jsonl and http-connections.jsonl into the folder; rows of programs that were not recorded stay. See README.md.
"""
import json
import os
import sys
import tempfile

import clients
import framing
import servers
from listener import MAX_RECORDED, Listener

CAPTURE_PORT, SERVER_PORT = 18080, 18081
KIND_TO = {"HEAD": "Head", "CONNECT": "Connect"}


def main():
    folder, words = sys.argv[1], sys.argv[2:]
    wanted = lambda name: not words or any(word.lower() in name.lower() for word in words)
    heads, connections = [], []
    with tempfile.TemporaryDirectory(prefix="capture-") as directory:
        os.chmod(directory, 0o755)
        clients.prepare(directory)
        os.makedirs(os.path.join(directory, "www", "folder"))
        with open(os.path.join(directory, "www", "file.txt"), "w", encoding="ascii") as file:
            file.write("hello from a file\n" * 40)
        with open(os.path.join(clients.HERE, "clients", "page.html"), "rb") as file:
            listener = Listener(CAPTURE_PORT, file.read(), directory)
        origin = f"http://127.0.0.1:{CAPTURE_PORT}"

        for name, action in clients.all_clients(listener, origin, directory):
            if wanted(name):
                listener.client = name
                action()
                print(f"{name}: {sum(len(item['heads']) for item in listener.connections if item['client'] == name)} requests")
        for name, command, www, asked in servers.all_servers(directory, SERVER_PORT, CAPTURE_PORT):
            if wanted(name):
                listener.client = name
                answers = list(servers.record(command, www, SERVER_PORT, asked))
                rows = [row for methods, data in answers for row in response_rows(name, methods, data)]
                heads += rows
                connections += [row for methods, data in answers for row in response_connection(name, methods, data)]
                print(f"{name}: {len(rows)} responses")
    heads += [{"kind": "request", "by": item["client"], "hex": head.hex()} for item in listener.connections for head in item["heads"]]
    connections += [{"kind": "requests", "by": item["client"], "hex": item["bytes"].hex()} for item in listener.connections if is_worth_keeping(item)]
    write(os.path.join(folder, "http-heads.jsonl"), heads)
    write(os.path.join(folder, "http-connections.jsonl"), connections)


def response_rows(name, methods, data):
    for head, method in framing.response_heads(data, methods):
        yield {"kind": "response", "by": name, "to": KIND_TO.get(method, "Other"), "hex": head.hex()}


# The target knows one kind of request for the first response only.
def response_connection(name, methods, data):
    if data.startswith(b"HTTP/") and not any(method in KIND_TO for method in methods[1:]) and len(data) < MAX_RECORDED:
        yield {"kind": "responses", "by": name, "to": KIND_TO.get(methods[0], "Other"), "hex": data.hex()}


# Connections with more than one head in them; the heads alone are kept anyway.
def is_worth_keeping(item):
    return item["heads"] and len(item["bytes"]) < MAX_RECORDED and len(item["bytes"]) > len(item["heads"][0])


# What does not differ but in numbers is kept once.
def write(path, rows):
    names = {row["by"] for row in rows}
    kept = []
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            kept = [row for row in map(json.loads, file) if row["by"] not in names]
    seen = set()
    with open(path, "w", encoding="ascii") as file:
        for row in kept + rows:
            text = json.dumps(row)
            if text not in seen:
                seen.add(text)
                file.write(text + "\n")


main()
