"""Sockets that no policy speaks of: other families, other protocols, and ways of making them behind the filter's back."""
import ctypes
import mmap
import os
import platform
import socket
import struct

from attempts import DENIED4, DENIED6, PLACES, attempt, in_child, outcome

libc = ctypes.CDLL(None, use_errno=True)
STREAM, DGRAM, RAW, SEQPACKET, DCCP = 1, 2, 3, 5, 6


def call(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(argument) for argument in arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return "done"


def made(family, kind, protocol=0):
    socket.socket(family, kind, protocol).close()
    return "made"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def echo_request():
    header = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
    return struct.pack("!BBHHH", 8, 0, checksum(header), 1, 1)


@attempt
def raw_icmp(_):
    return socket.socket(socket.AF_INET, RAW, socket.IPPROTO_ICMP).sendto(echo_request(), (DENIED4, 0))


@attempt
def raw_udp(port):
    return socket.socket(socket.AF_INET, RAW, socket.IPPROTO_UDP).sendto(struct.pack("!HHHH", port, port, 8, 0), (DENIED4, 0))


@attempt
def raw_own_header(port):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 1, 0, 64, 17, 0, socket.inet_aton(PLACES["here4"]), socket.inet_aton(DENIED4))
    return socket.socket(socket.AF_INET, RAW, socket.IPPROTO_RAW).sendto(header + struct.pack("!HHHH", port, port, 8, 0), (DENIED4, 0))


@attempt
def raw_ipv6(port):
    return socket.socket(socket.AF_INET6, RAW, socket.IPPROTO_UDP).sendto(struct.pack("!HHHH", port, port, 8, 1), (DENIED6, 0))


@attempt
def ping_ipv4(_):
    return socket.socket(socket.AF_INET, DGRAM, socket.IPPROTO_ICMP).sendto(echo_request(), (DENIED4, 0))


@attempt
def ping_ipv6(_):
    return socket.socket(socket.AF_INET6, DGRAM, socket.IPPROTO_ICMPV6).sendto(struct.pack("!BBHHH", 128, 0, 0, 1, 1), (DENIED6, 0))


@attempt
def packet_frame(_):
    link = socket.socket(socket.AF_PACKET, RAW, 0)
    link.bind((PLACES["device"], 0))
    return link.send(b"\xff" * 6 + bytes(6) + PLACES["ethertype"].to_bytes(2, "big") + bytes(46))


@attempt
def packet_datagram(_):
    link = socket.socket(socket.AF_PACKET, DGRAM, 0)
    return link.sendto(bytes(46), (PLACES["device"], PLACES["ethertype"] + 1, 0, 0, b"\xff" * 6))


@attempt
def multipath_tcp(port):
    socket.socket(socket.AF_INET, STREAM, 262).connect((DENIED4, port))


@attempt
def udp_lite(port):
    return socket.socket(socket.AF_INET, DGRAM, 136).sendto(b"x", (DENIED4, port))


@attempt
def sctp_stream(_):
    return made(socket.AF_INET, STREAM, 132)


@attempt
def sctp_packets(_):
    return made(socket.AF_INET, SEQPACKET, 132)


@attempt
def dccp(_):
    return made(socket.AF_INET, DCCP, 33)


@attempt
def l2tp(_):
    return made(socket.AF_INET, DGRAM, 115)


@attempt
def smc_over_ip(_):
    return made(socket.AF_INET, STREAM, 256)


@attempt
def vsock(_):
    return made(40, STREAM)


@attempt
def alg(_):
    return made(38, SEQPACKET)


@attempt
def xdp(_):
    return made(44, RAW)


@attempt
def smc(_):
    return made(43, STREAM)


@attempt
def tipc(_):
    return made(30, SEQPACKET)


@attempt
def kcm(_):
    return made(41, DGRAM)


@attempt
def rds(_):
    return made(21, SEQPACKET)


@attempt
def pppox(_):
    return made(24, DGRAM)


@attempt
def bluetooth(_):
    return made(31, RAW)


@attempt
def can(_):
    return made(29, RAW, 1)


@attempt
def families_that_can_be_made(_):
    kinds = (STREAM, DGRAM, RAW, 4, SEQPACKET, DCCP, 10)
    return ",".join(str(family) for family in range(46) if any(outcome(made, family, kind) == "made" for kind in kinds))


@attempt
def pairs_that_can_be_made(_):
    def pair(family, kind):
        for end in socket.socketpair(family, kind):
            end.close()
        return "made"

    return ",".join(str(family) for family in range(46) if any(outcome(pair, family, kind) == "made" for kind in (STREAM, DGRAM, SEQPACKET)))


@attempt
def types_of_ip_sockets_that_can_be_made(_):
    """Every protocol below 264 as every type: TCP and UDP are all there is."""
    found = set()
    for protocol in range(264):
        for kind in (STREAM, DGRAM, RAW, SEQPACKET, DCCP):
            for family in (socket.AF_INET, socket.AF_INET6):
                if outcome(made, family, kind, protocol) == "made":
                    found.add((kind, protocol))
    return ",".join(f"{kind}/{protocol}" for kind, protocol in sorted(found))


@attempt
def family_with_high_bits(_):
    """The kernel reads an int; a filter that compared all 64 bits would not."""
    number = 41 if platform.machine() == "x86_64" else 198
    return call(number, 17 | 1 << 32, RAW, 0)


@attempt
def io_uring_setup(_):
    return call(425, 1, 0)


@attempt
def io_uring_enter(_):
    return call(426, 0, 0, 0, 0, 0, 0)


@attempt
def io_uring_register(_):
    return call(427, 0, 0, 0, 0)


@attempt
def x32_socket(_):
    return call(0x40000000 | 41, 2, STREAM, 0)


def in_32_bits(number, *arguments):
    """int 0x80 from a 64-bit program; arguments beyond the first three are not needed here."""
    if platform.machine() != "x86_64":
        return "ENOSYS"
    page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # push rbx; mov eax, edi; mov ebx, esi; xchg ecx, edx; int 0x80; pop rbx; ret
    page.write(bytes.fromhex("53 89f8 89f3 87d1 cd80 5b c3"))
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    page[64:76] = struct.pack("III", 2, STREAM, 0)
    function = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_uint] * 4)(start)
    given = [start + 64 if argument is None else argument for argument in arguments]
    result = function(number, *given, *[0] * (3 - len(given)))
    if result < 0:
        raise OSError(-result, "")
    return "made"


@attempt
def socketcall_of_32_bits(_):
    return in_child(in_32_bits, 102, 1, None)


@attempt
def socket_of_32_bits(_):
    return in_child(in_32_bits, 359, 2, STREAM, 0)


@attempt
def route_by_netlink(_):
    link = socket.socket(socket.AF_NETLINK, RAW, 0)
    link.settimeout(1)
    # RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE: an IPv4 route to nowhere
    body = struct.pack("BBBBBBBBI", socket.AF_INET, 32, 0, 0, 254, 4, 0, 6, 0) + struct.pack("HH4s", 8, 1, socket.inet_aton("192.0.2.77"))
    link.send(struct.pack("IHHII", 16 + len(body), 24, 0x405, 1, 0) + body)
    answer = link.recv(4096)
    raise OSError(-struct.unpack("i", answer[16:20])[0], "")


@attempt
def device_file_of_tunnels(_):
    tunnel = os.open("/dev/net/tun", os.O_RDWR)
    request = struct.pack("16sH22x", b"pptest0", 1)
    buffer = ctypes.create_string_buffer(request)
    return "made" if libc.ioctl(tunnel, ctypes.c_ulong(0x400454CA), buffer) == 0 else os.strerror(ctypes.get_errno())
