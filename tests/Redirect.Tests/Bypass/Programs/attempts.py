"""What the attempts share: the places they aim at, their list, and the main program.

Each attempt has a port of its own at a host that policy denies, so that a packet in the world names its attempt.
A line of output: name, port, outcome, separated by tabs. An outcome is the error's name, or what the attempt says.
"""
import errno
import json
import os
import socket
import sys

PLACES = json.loads(sys.argv[1])
DENIED4, DENIED6 = PLACES["denied4"], PLACES["denied6"]
OPEN4, OPEN6 = PLACES["open4"], PLACES["open6"]
JUDGED4, JUDGED6 = PLACES["judged4"], PLACES["judged6"]
PATIENCE = 0.6  # with what must not answer: it would within a millisecond, and may be sent again after 0.2 s
LIMIT = 20  # of what has to answer

_attempts = []


def attempt(function):
    """Adds a function; it is called with its port and returns what happened, or raises OSError."""
    _attempts.append(function)
    return function


def tcp(family=socket.AF_INET):
    made = socket.socket(family, socket.SOCK_STREAM)
    made.settimeout(PATIENCE)
    return made


def udp(family=socket.AF_INET):
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.settimeout(LIMIT)
    return made


def outcome(function, *arguments):
    """A call's outcome as one word."""
    try:
        result = function(*arguments)
        return "done" if result is None else str(result)
    except socket.timeout:
        return "timeout"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))


def in_child(function, *arguments):
    """The outcome in a process of its own; the name of the signal, if one ends it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, outcome(function, *arguments).encode())
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return text or "signal"


def run(names=None):
    for number, function in enumerate(_attempts):
        name = function.__name__
        if names is None or name in names:
            port = PLACES["port"] + number
            print(name, port, " ".join(outcome(function, port).split()), sep="\t", flush=True)
