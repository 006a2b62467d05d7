"""Cuts recorded bytes into HTTP/1 messages, leniently: it has to follow whatever a program sends."""
from dataclasses import dataclass


@dataclass
class Head:
    start: str
    fields: list

    def value(self, name):
        values = [value for key, value in self.fields if key == name]
        return ", ".join(values) if values else None


def parse_head(raw):
    lines = raw.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines[1:] if line]
    return Head(lines[0], [(name.strip().lower(), value.strip()) for name, _, value in pairs])


def head_end(data, start=0):
    """Offset behind the empty line, or None."""
    end = data.find(b"\r\n\r\n", start)
    return None if end < 0 else end + 4


def body_end(data, start, head, answers=None):
    """Offset behind the body that starts there, or None if it is not complete. answers: the method that a response answers."""
    if answers is not None:
        status = int(head.start.split(" ")[1])
        if answers == "HEAD" or status < 200 or status in (204, 304):
            return start
    if (head.value("transfer-encoding") or "").lower().endswith("chunked"):
        return chunks_end(data, start)
    length = head.value("content-length")
    if length is not None:
        return start + int(length) if len(data) >= start + int(length) else None
    return start if answers is None else None  # a response without length ends with the connection


def chunks_end(data, start):
    while True:
        line = data.find(b"\r\n", start)
        if line < 0:
            return None
        size = int(data[start:line].split(b";")[0], 16)
        start = line + 2
        if size == 0:
            break
        start += size + 2
    while True:
        line = data.find(b"\r\n", start)
        if line < 0:
            return None
        if line == start:
            return line + 2
        start = line + 2


def response_heads(data, methods):
    """The heads in one direction of a connection, each with the method it answers."""
    heads, at, asked = [], 0, list(methods)
    while asked and data.startswith(b"HTTP/", at) and (end := head_end(data, at)) is not None:  # or it is HTTP/0.9
        head = parse_head(data[at:end])
        heads.append((data[at:end], asked[0]))
        status = int(head.start.split(" ")[1])
        if status == 101 or (asked[0] == "CONNECT" and 200 <= status < 300):
            break
        at = body_end(data, end, head, asked[0])
        if at is None:
            break
        if status >= 200:
            asked.pop(0)
    return heads
