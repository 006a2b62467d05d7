"""A server that records what clients send and answers so that they go on: bodies are read, 100 is given, WebSockets open, git works."""
import base64
import hashlib
import os
import socket
import subprocess
import threading

import framing

MAX_RECORDED = 16 * 1024  # of one connection; load generators and uploads send more


class Listener:
    """Records each connection as (client, bytes, heads); clients run one after the other, so the current name is the sender's."""

    def __init__(self, port, page, repository):
        self.port, self.page, self.repository = port, page, repository
        self.client, self.connections = "", []
        self.done = threading.Event()
        self._lock = threading.Lock()
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            listener = socket.socket(family)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, port))
            listener.listen(128)
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            connection, _ = listener.accept()
            connection.settimeout(20)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        record = {"client": self.client, "bytes": b"", "heads": []}
        with self._lock:
            self.connections.append(record)
        try:
            pending = b""
            while pending is not None:
                pending = self._exchange(connection, record, pending)
        except OSError:
            pass  # clients reset connections; what came before counts
        finally:
            connection.close()

    def _receive(self, connection, record):
        data = connection.recv(64 * 1024)
        room = MAX_RECORDED - len(record["bytes"])
        record["bytes"] += data[:max(room, 0)]
        return data

    # Reads one request and answers it; gives the bytes behind it, or None at the end.
    def _exchange(self, connection, record, data):
        while (end := framing.head_end(data)) is None:
            received = self._receive(connection, record)
            if not received:
                return None
            data += received
        head = framing.parse_head(data[:end])
        record["heads"].append(data[:end])
        method, target, version = head.start.split(" ")
        body_end = framing.body_end(data, end, head)
        if body_end is None and (head.value("expect") or "").lower() == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while body_end is None:
            received = self._receive(connection, record)
            if not received:
                return None
            data += received
            body_end = framing.body_end(data, end, head)
        if (head.value("upgrade") or "").lower() == "websocket":
            connection.sendall(self._websocket(head))
            self._receive(connection, {"bytes": b""})
            return None
        response, keeps = self._answer(method, target, head, data[end:body_end])
        connection.sendall(response)
        options = (head.value("connection") or "").lower()
        persists = keeps and "close" not in options and (version == "HTTP/1.1" or "keep-alive" in options)
        return data[body_end:] if persists else None

    @staticmethod
    def _websocket(head):
        key = (head.value("sec-websocket-key") or "") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        protocol = head.value("sec-websocket-protocol")
        chosen = f"Sec-WebSocket-Protocol: {protocol.split(',')[0]}\r\n" if protocol else ""
        return (f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{chosen}"
                f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode() + b"\x88\x02\x03\xe8"

    def _answer(self, method, target, head, body):
        cross = "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: *\r\nAccess-Control-Allow-Methods: *\r\n"
        kind, status, content = "text/plain", "200 OK", b"ok\n"
        if method == "CONNECT":
            return b"HTTP/1.1 200 OK\r\n\r\n", True  # the request inside the tunnel is recorded behind it
        if target.startswith("/x.git/"):
            return self._git(method, target, head, body), True
        if target == "/page":
            kind, content = "text/html; charset=utf-8", self.page
        elif target.startswith("/done"):
            self.done.set()
        elif target.startswith("/events"):
            kind, content = "text/event-stream", b"data: 1\n\n"
        elif target.startswith("/cookie"):
            cross += "Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=\"x y\"; Path=/\r\nETag: \"v1\"\r\nCache-Control: no-cache\r\n"
        elif target.startswith("/moved"):
            status, cross = "302 Found", cross + "Location: /cookie\r\n"
        top = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{cross}\r\n"
        return top.encode() + (b"" if method == "HEAD" else content), True

    def _git(self, method, target, head, body):
        path, _, query = target.partition("?")
        environment = dict(os.environ, GIT_PROJECT_ROOT=self.repository, GIT_HTTP_EXPORT_ALL="1", REMOTE_USER="a", REMOTE_ADDR="127.0.0.1",
                           PATH_INFO=path, QUERY_STRING=query, REQUEST_METHOD=method, CONTENT_TYPE=head.value("content-type") or "",
                           HTTP_CONTENT_ENCODING=head.value("content-encoding") or "", GIT_PROTOCOL=head.value("git-protocol") or "")
        if head.value("transfer-encoding"):
            body = self._unchunk(body)
        environment["CONTENT_LENGTH"] = str(len(body))
        output = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment, check=False).stdout
        top, _, content = output.partition(b"\r\n\r\n")
        return b"HTTP/1.1 200 OK\r\n" + top + b"\r\nContent-Length: %d\r\n\r\n" % len(content) + content

    @staticmethod
    def _unchunk(data):
        content, at = b"", 0
        while (line := data.index(b"\r\n", at)) and (size := int(data[at:line].split(b";")[0], 16)):
            content += data[line + 2:line + 2 + size]
            at = line + 2 + size + 2
        return content
