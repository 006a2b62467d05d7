"""What is left of policy when its proxy has been killed from inside."""
import os
import signal
import socket

import attempts
import datagrams
import loopback
import streams
from leaving import PROXY

port = loopback.egress_port()
os.kill(PROXY, signal.SIGKILL)
while os.getppid() == PROXY:
    os.sched_yield()


@attempts.attempt
def judged_host_ipv4(_):
    return loopback.status(socket.AF_INET, attempts.JUDGED4, "/open")


@attempts.attempt
def judged_host_ipv6(_):
    return loopback.status(socket.AF_INET6, attempts.JUDGED6, "/open")


@attempts.attempt
def port_of_the_dead(_):
    attempts.tcp().bind(("127.0.0.1", port))


print("proxy", 0, PROXY, sep="\t", flush=True)
attempts.run({"judged_host_ipv4", "judged_host_ipv6", "port_of_the_dead", "tcp_ipv4", "tcp_ipv6", "udp_ipv4", "udp_ipv6", "open_tcp_ipv4", "open_udp_ipv4"})
