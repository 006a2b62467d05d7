"""TCP: every way to name a destination, and to make the kernel name another."""
import ctypes
import socket
import struct

from attempts import DENIED4, DENIED6, JUDGED4, JUDGED6, OPEN4, OPEN6, PLACES, attempt, outcome, tcp

TCP_REPAIR, TCP_FASTOPEN_CONNECT, MSG_FASTOPEN, IP_OPTIONS, IP_FREEBIND, IP_TRANSPARENT = 19, 30, 0x20000000, 4, 15, 19
SO_MARK, SO_BINDTODEVICE = 36, 25


def disconnect(made):
    """connect() to AF_UNSPEC, which Python does not offer."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.connect(made.fileno(), bytes(16), 16) == 0


def loose_route(*through):
    """The IP option that sends a packet through other hosts first."""
    hops = b"".join(socket.inet_aton(hop) for hop in through)
    return bytes([131, 3 + len(hops), 4]) + hops + b"\0"


def connect(made, address, port):
    made.connect((address, port))
    return "connected"


@attempt
def tcp_ipv4(port):
    return connect(tcp(), DENIED4, port)


@attempt
def tcp_ipv6(port):
    return connect(tcp(socket.AF_INET6), DENIED6, port)


@attempt
def tcp_mapped(port):
    return connect(tcp(socket.AF_INET6), "::ffff:" + DENIED4, port)


@attempt
def tcp_other_port_of_open_host(port):
    return connect(tcp(), OPEN4, port)


@attempt
def tcp_other_port_of_judged_host(port):
    return connect(tcp(), JUDGED4, port)


@attempt
def tcp_nonblocking(port):
    made = tcp()
    made.setblocking(False)
    return connect(made, DENIED4, port)


@attempt
def tcp_bound_source(port):
    made = tcp()
    made.bind((PLACES["here4"], 0))
    return connect(made, DENIED4, port)


@attempt
def tcp_after_disconnecting(port):
    made = tcp()
    connect(made, OPEN4, PLACES["open_tcp"])
    disconnect(made)
    return connect(made, DENIED4, port)


@attempt
def tcp_after_refusal(port):
    made = tcp()
    first = outcome(connect, made, DENIED4, port)
    return first + " " + outcome(connect, made, DENIED4, port)


@attempt
def tcp_unspecified_ipv4(_):
    return connect(tcp(), "0.0.0.0", PLACES["host_tcp"])


@attempt
def tcp_unspecified_ipv6(_):
    return connect(tcp(socket.AF_INET6), "::", PLACES["host_tcp"])


@attempt
def tcp_unspecified_mapped(_):
    return connect(tcp(socket.AF_INET6), "::ffff:0.0.0.0", PLACES["host_tcp"])


@attempt
def tcp_listener_of_host_on_loopback(_):
    return connect(tcp(), "127.0.0.1", PLACES["host_tcp"])


@attempt
def tcp_listener_of_host_on_its_address(_):
    return connect(tcp(), PLACES["here4"], PLACES["host_tcp"])


@attempt
def tcp_fast_open_with_sendto(port):
    return tcp().sendto(b"early", MSG_FASTOPEN, (DENIED4, port))


@attempt
def tcp_fast_open_with_sendto_ipv6(port):
    return tcp(socket.AF_INET6).sendto(b"early", MSG_FASTOPEN, (DENIED6, port))


@attempt
def tcp_fast_open_with_connect(port):
    made = tcp()
    made.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    connect(made, DENIED4, port)
    return made.send(b"early")


@attempt
def tcp_fast_open_to_another_host_than_connected(port):
    made = tcp()
    made.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    connect(made, OPEN4, PLACES["open_tcp"])
    made.sendto(b"early", MSG_FASTOPEN, (DENIED4, port))
    return "to " + ("open" if made.getpeername()[0] == OPEN4 else "denied")


@attempt
def tcp_mark(port):
    made = tcp()
    marked = outcome(made.setsockopt, socket.SOL_SOCKET, SO_MARK, 1)
    return marked + " " + outcome(connect, made, DENIED4, port)


@attempt
def tcp_bound_to_device(port):
    made = tcp()
    made.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, PLACES["device"].encode())
    return connect(made, DENIED4, port)


@attempt
def tcp_repair(_):
    tcp().setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)


@attempt
def tcp_transparent(_):
    tcp().setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)


@attempt
def tcp_foreign_source(port):
    made = tcp()
    made.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
    made.bind((OPEN4, 0))
    return connect(made, DENIED4, port)


@attempt
def tcp_answer_to_a_forged_call(port):
    """As if the denied host had called: the kernel would answer it."""
    listener = socket.create_server(("::", 0), family=socket.AF_INET6)
    made = tcp(socket.AF_INET6)
    made.setsockopt(socket.IPPROTO_IPV6, 78, 1)  # IPV6_FREEBIND
    made.bind((DENIED6, port))
    return connect(made, "::1", listener.getsockname()[1])


@attempt
def tcp_forged_call_to_the_proxy(port):
    """The same, with the proxy as the one who would answer."""
    made = tcp(socket.AF_INET6)
    made.setsockopt(socket.IPPROTO_IPV6, 78, 1)
    made.bind((DENIED6, port))
    return connect(made, JUDGED6, PLACES["judged_tcp"])


@attempt
def tcp_source_route_through_open_host(port):
    made = tcp()
    made.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, loose_route(OPEN4))
    return connect(made, DENIED4, port)


@attempt
def tcp_source_route_through_denied_host(_):
    made = tcp()
    made.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, loose_route(DENIED4))
    return connect(made, OPEN4, PLACES["route_tcp"])


@attempt
def tcp_source_route_set_on_open_connection(_):
    made = tcp()
    connect(made, OPEN4, PLACES["open_tcp"])
    made.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, loose_route(DENIED4))
    sent = outcome(made.send, b"routed")
    return sent + " " + outcome(made.recv, 16)


@attempt
def tcp_ipv6_routing_header(_):
    made = tcp(socket.AF_INET6)
    header = struct.pack("BBBBI16s", 0, 2, 2, 1, 0, socket.inet_pton(socket.AF_INET6, DENIED6))
    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RTHDR, header)
    return connect(made, OPEN6, PLACES["route_tcp"])


@attempt
def tcp_segment_routing_header(_):
    made = tcp(socket.AF_INET6)
    hops = socket.inet_pton(socket.AF_INET6, OPEN6) + socket.inet_pton(socket.AF_INET6, DENIED6)
    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RTHDR, struct.pack("BBBBBBH", 0, 4, 4, 1, 1, 0, 0) + hops)
    return connect(made, OPEN6, PLACES["route_tcp"])
