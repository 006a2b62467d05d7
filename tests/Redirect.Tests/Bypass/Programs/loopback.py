"""The proxy's ports, and what is the workload's own."""
import os
import socket

from attempts import JUDGED4, JUDGED6, LIMIT, OPEN4, OPEN6, PLACES, attempt, tcp, udp


def egress_port():
    """Where a redirected connection really goes: the kernel's table says it."""
    made = tcp()
    made.connect((JUDGED4, PLACES["judged_tcp"]))
    own = str(os.fstat(made.fileno()).st_ino)  # others may have the same port
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table:
            words = line.split()
            if words[9] == own:
                return int(words[2].split(":")[1], 16)
    raise OSError(2, "not found")


def connect(made, address, port):
    made.connect((address, port))
    return "connected"


@attempt
def proxys_port_ipv4(_):
    return connect(tcp(), "127.0.0.1", egress_port())


@attempt
def proxys_port_ipv6(_):
    return connect(tcp(socket.AF_INET6), "::1", egress_port())


@attempt
def proxys_port_mapped(_):
    return connect(tcp(socket.AF_INET6), "::ffff:127.0.0.1", egress_port())


@attempt
def proxys_port_unspecified(_):
    return connect(tcp(), "0.0.0.0", egress_port())


@attempt
def proxys_port_taken(_):
    tcp().bind(("127.0.0.2", egress_port()))


@attempt
def proxys_port_taken_on_every_address(_):
    made = tcp(socket.AF_INET6)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("::", egress_port()))


@attempt
def proxys_port_shared(_):
    made = tcp()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", egress_port()))


# What has to work

@attempt
def open_tcp_ipv4(_):
    made = tcp()
    made.settimeout(LIMIT)
    made.connect((OPEN4, PLACES["open_tcp"]))
    made.send(b"ping")
    return made.recv(16).decode()


@attempt
def open_tcp_ipv6(_):
    made = tcp(socket.AF_INET6)
    made.settimeout(LIMIT)
    made.connect((OPEN6, PLACES["open_tcp"]))
    made.send(b"ping")
    return made.recv(16).decode()


@attempt
def open_udp_ipv4(_):
    made = udp()
    made.sendto(b"ping", (OPEN4, PLACES["open_udp"]))
    return made.recv(16).decode()


@attempt
def open_udp_ipv6(_):
    made = udp(socket.AF_INET6)
    made.connect((OPEN6, PLACES["open_udp"]))
    made.send(b"ping")
    return made.recv(16).decode()


@attempt
def open_udp_in_fragments(_):
    made = udp()
    made.sendto(bytes(8000), (OPEN4, PLACES["open_udp"]))
    return len(made.recv(9000))


def status(family, address, path, source=None):
    made = tcp(family)
    if source:
        made.bind((source, 0))
    made.settimeout(LIMIT)
    made.connect((address, PLACES["judged_tcp"]))
    made.send(f"GET {path} HTTP/1.1\r\nHost: world\r\nConnection: close\r\n\r\n".encode())
    return made.recv(64).split()[1].decode()


@attempt
def judged_request_allowed(_):
    return status(socket.AF_INET, JUDGED4, "/open")


@attempt
def judged_request_allowed_ipv6(_):
    return status(socket.AF_INET6, JUDGED6, "/open")


@attempt
def judged_request_from_a_bound_address(_):
    return status(socket.AF_INET, JUDGED4, "/open", PLACES["here4"])


@attempt
def judged_request_from_a_bound_address_ipv6(_):
    return status(socket.AF_INET6, JUDGED6, "/open", PLACES["here6"])


@attempt
def judged_request_denied(_):
    return status(socket.AF_INET, JUDGED4, "/closed")


@attempt
def judged_request_denied_ipv6(_):
    return status(socket.AF_INET6, JUDGED6, "/closed")


@attempt
def judged_request_denied_mapped(_):
    return status(socket.AF_INET6, "::ffff:" + JUDGED4, "/closed")


@attempt
def own_listener(_):
    listener = socket.create_server(("127.0.0.1", 0))
    made = tcp()
    made.connect(listener.getsockname())
    accepted, _ = listener.accept()
    made.send(b"ping")
    return accepted.recv(16).decode()


@attempt
def own_listener_ipv6(_):
    listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    made = tcp(socket.AF_INET6)
    made.connect(listener.getsockname())
    accepted, _ = listener.accept()
    made.send(b"ping")
    return accepted.recv(16).decode()


@attempt
def own_datagrams(_):
    receiver = udp()
    receiver.bind(("127.0.0.1", 0))
    udp().sendto(b"ping", receiver.getsockname())
    return receiver.recv(16).decode()
