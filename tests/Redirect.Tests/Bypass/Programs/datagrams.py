"""UDP: connected or not, and everything that can travel beside a datagram."""
import socket
import struct
import time

from attempts import DENIED4, DENIED6, OPEN4, OPEN6, PATIENCE, PLACES, attempt, outcome, udp
from streams import IP_FREEBIND, IP_OPTIONS, SO_BINDTODEVICE, SO_MARK, disconnect, loose_route

IP_RETOPTS, UDP_SEGMENT, UDP_CORK, IPV6_FREEBIND = 7, 103, 1, 78


@attempt
def udp_ipv4(port):
    return udp().sendto(b"x", (DENIED4, port))


@attempt
def udp_ipv6(port):
    return udp(socket.AF_INET6).sendto(b"x", (DENIED6, port))


@attempt
def udp_mapped(port):
    return udp(socket.AF_INET6).sendto(b"x", ("::ffff:" + DENIED4, port))


@attempt
def udp_empty(port):
    return udp().sendto(b"", (DENIED4, port))


@attempt
def udp_connected_ipv4(port):
    made = udp()
    made.connect((DENIED4, port))
    return made.send(b"x")


@attempt
def udp_connected_ipv6(port):
    made = udp(socket.AF_INET6)
    made.connect((DENIED6, port))
    return made.send(b"x")


@attempt
def udp_port_443(_):
    return udp().sendto(b"x", (DENIED4, 443))


@attempt
def udp_port_53(_):
    return udp().sendto(b"x", (DENIED4, 53))


@attempt
def udp_other_port_of_open_host(port):
    return udp().sendto(b"x", (OPEN4, port))


@attempt
def udp_elsewhere_on_connected_socket(port):
    made = udp()
    made.connect((OPEN4, PLACES["open_udp"]))
    return made.sendto(b"x", (DENIED4, port))


@attempt
def udp_after_disconnecting(port):
    made = udp()
    made.connect((OPEN4, PLACES["open_udp"]))
    disconnect(made)
    made.connect((DENIED4, port))
    return made.send(b"x")


@attempt
def udp_after_an_answer_of_an_open_host(port):
    made = udp()
    made.sendto(b"x", (OPEN4, PLACES["open_udp"]))
    made.recv(16)
    return made.sendto(b"x", (DENIED4, port))


@attempt
def udp_corked(port):
    made = udp()
    made.setsockopt(socket.IPPROTO_UDP, UDP_CORK, 1)
    made.sendto(b"x", (DENIED4, port))
    made.setsockopt(socket.IPPROTO_UDP, UDP_CORK, 0)
    return outcome(made.sendto, b"x", (DENIED4, port))


@attempt
def udp_segmented(port):
    made = udp()
    made.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 100)
    return made.sendto(bytes(1000), (DENIED4, port))


@attempt
def udp_fragments(port):
    return udp().sendto(bytes(8000), (DENIED4, port))


@attempt
def udp_fragments_ipv6(port):
    return udp(socket.AF_INET6).sendto(bytes(8000), (DENIED6, port))


@attempt
def udp_broadcast(port):
    made = udp()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    return made.sendto(b"x", (PLACES["here4"].rsplit(".", 1)[0] + ".255", port))


@attempt
def udp_multicast(port):
    made = udp()
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(PLACES["here4"]))
    return made.sendto(b"x", ("239.1.2.3", port))


@attempt
def udp_multicast_ipv6(port):
    made = udp(socket.AF_INET6)
    return made.sendto(b"x", ("ff02::1", port, 0, socket.if_nametoindex(PLACES["device"])))


@attempt
def group_joined(_):
    """The kernel tells the link, in packets that belong to no socket."""
    made = udp()
    made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.1.2.3") + socket.inet_aton(PLACES["here4"]))
    time.sleep(PATIENCE)  # until the kernel has


@attempt
def group_joined_on_a_device(_):
    group = struct.pack("IxxxxHH4s120x", socket.if_nametoindex(PLACES["device"]), socket.AF_INET, 0, socket.inet_aton("239.1.2.4"))
    udp().setsockopt(socket.IPPROTO_IP, 42, group)  # MCAST_JOIN_GROUP


@attempt
def group_joined_ipv6(_):
    group = socket.inet_pton(socket.AF_INET6, "ff02::1:2:3") + struct.pack("I", socket.if_nametoindex(PLACES["device"]))
    udp(socket.AF_INET6).setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)


@attempt
def group_left_that_was_never_joined(_):
    """Other options of the same kind go through to the kernel."""
    udp().setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, socket.inet_aton("239.1.2.3") + socket.inet_aton(PLACES["here4"]))


@attempt
def large_option(_):
    """Larger than what a program in the kernel is shown."""
    option = udp()
    option.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, struct.pack("i", 65536) + bytes(60000))
    return option.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= 65536


@attempt
def udp_device_in_message(port):
    info = struct.pack("i4s4s", socket.if_nametoindex(PLACES["device"]), socket.inet_aton(PLACES["here4"]), bytes(4))
    return udp().sendmsg([b"x"], [(socket.IPPROTO_IP, socket.IP_PKTINFO if hasattr(socket, "IP_PKTINFO") else 8, info)], 0, (DENIED4, port))


@attempt
def udp_mark(port):
    made = udp()
    marked = outcome(made.setsockopt, socket.SOL_SOCKET, SO_MARK, 1)
    return marked + " " + outcome(made.sendto, b"x", (DENIED4, port))


@attempt
def udp_bound_to_device(port):
    made = udp()
    made.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, PLACES["device"].encode())
    return made.sendto(b"x", (DENIED4, port))


@attempt
def udp_foreign_source(port):
    made = udp()
    made.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
    made.bind((OPEN4, 0))
    return made.sendto(b"x", (DENIED4, port))


@attempt
def udp_answer_to_a_forged_question(port):
    """A question from an address that is not ours, over loopback: who was asked may answer, but not there."""
    asked, asking = udp(socket.AF_INET6), udp(socket.AF_INET6)
    asked.bind(("::", 0))
    asked.settimeout(PATIENCE)
    asking.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    asking.bind((DENIED6, port))
    asking.sendto(b"x", ("::1", asked.getsockname()[1]))
    asked.recv(16)
    return asked.sendto(b"x", (DENIED6, port))


@attempt
def udp_source_route(_):
    made = udp()
    made.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, loose_route(DENIED4))
    return made.sendto(b"x", (OPEN4, PLACES["open_udp"]))


@attempt
def udp_record_route(_):
    """An option that takes no rights: a packet that has one is not judged by what follows it."""
    made = udp()
    made.setsockopt(socket.IPPROTO_IP, IP_OPTIONS, bytes([7, 7, 4, 0, 0, 0, 0, 0]))
    return made.sendto(b"x", (OPEN4, PLACES["open_udp"]))


@attempt
def udp_source_route_in_message(_):
    return udp().sendmsg([b"x"], [(socket.IPPROTO_IP, IP_RETOPTS, loose_route(DENIED4))], 0, (OPEN4, PLACES["open_udp"]))


@attempt
def udp_ipv6_destination_options(_):
    options = struct.pack("BBBBI", 0, 0, 1, 4, 0)
    return udp(socket.AF_INET6).sendmsg([b"x"], [(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, options)], 0, (OPEN6, PLACES["open_udp"]))


@attempt
def udp_ipv6_routing_header(_):
    header = struct.pack("BBBBI16s", 0, 2, 2, 1, 0, socket.inet_pton(socket.AF_INET6, DENIED6))
    return udp(socket.AF_INET6).sendmsg([b"x"], [(socket.IPPROTO_IPV6, socket.IPV6_RTHDR, header)], 0, (OPEN6, PLACES["open_udp"]))


@attempt
def udp_segment_routing_header(_):
    hops = socket.inet_pton(socket.AF_INET6, OPEN6) + socket.inet_pton(socket.AF_INET6, DENIED6)
    header = struct.pack("BBBBBBH", 0, 4, 4, 1, 1, 0, 0) + hops
    return udp(socket.AF_INET6).sendmsg([b"x"], [(socket.IPPROTO_IPV6, socket.IPV6_RTHDR, header)], 0, (OPEN6, PLACES["open_udp"]))


@attempt
def udp_socket_of_host_on_loopback(_):
    return udp().sendto(b"x", ("127.0.0.1", PLACES["host_udp"]))


@attempt
def udp_unspecified(_):
    return udp().sendto(b"x", ("0.0.0.0", PLACES["host_udp"]))
