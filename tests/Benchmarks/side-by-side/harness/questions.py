"""A small HTTP client, and the questions every variant must answer rightly before it is measured."""

import http.client
from dataclasses import dataclass

from . import configs


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


# method, path, status, length of the body (None = any)
QUESTIONS: list[tuple[str, str, int, int | None]] = [
    ("GET", "/api/v1/small", 200, len(configs.SMALL_BODY)),
    ("GET", "/api/v1/big", 200, configs.BIG_BYTES),
    ("POST", "/api/v1/small", 200, len(configs.SMALL_BODY)),
    ("GET", "/api/health", 200, None),
    ("GET", "/users/7/orders", 200, None),
    ("GET", "/users/12345/orders/8", 200, None),
    ("DELETE", "/api/v1/small", 403, None),
    ("GET", "/admin", 403, None),
    ("GET", "/api/healthz", 403, None),
    ("GET", "/users/x/orders", 403, None),
    ("PUT", "/users/7/orders", 403, None),
]


def ask(port: int, method: str, path: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body=b"x" * configs.POST_BYTES if method in ("POST", "PUT") else None)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


def wrong_answers(port: int) -> list[str]:
    """What the proxy on this port answers differently from its rules; empty = all right."""
    wrong = []
    for method, path, status, length in QUESTIONS:
        try:
            answer = ask(port, method, path)
        except OSError as error:
            wrong.append(f"{method} {path}: {error}")
            continue
        if answer.status != status:
            wrong.append(f"{method} {path}: {answer.status} instead of {status}")
        elif length is not None and len(answer.body) != length:
            wrong.append(f"{method} {path}: {len(answer.body)} bytes instead of {length}")
    return wrong
