"""What gets through while the proxy is stopped, and what it does with that afterwards."""
import os
import signal
import socket

import attempts
import loopback
import streams
from leaving import PROXY


@attempts.attempt
def request_meanwhile(_):
    made = attempts.tcp()
    made.connect((attempts.JUDGED4, attempts.PLACES["judged_tcp"]))
    made.send(b"GET /closed/meanwhile HTTP/1.1\r\nHost: world\r\n\r\n")
    return made.recv(64)


os.kill(PROXY, signal.SIGSTOP)
while True:
    with open(f"/proc/{PROXY}/stat", encoding="ascii") as stat:
        if stat.read().rsplit(")", 1)[1].split()[0] == "T":
            break
attempts.run({"request_meanwhile", "tcp_ipv4", "open_tcp_ipv4"})
os.kill(PROXY, signal.SIGCONT)
attempts.run({"judged_request_allowed", "judged_request_denied"})
