"""What the side-by-side scripts share: processes on chosen CPUs, what they used, and ratios with their spread."""

import os
import pathlib
import signal
import socket
import statistics
import subprocess
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(port):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nobody listens at port {port}")


def cpu_seconds(pid):
    """User and system time of a process and its children."""
    pids = [pid, *map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    stats = [pathlib.Path(f"/proc/{p}/stat").read_text().rsplit(")", 1)[1].split() for p in pids]
    return sum(int(s[11]) + int(s[12]) for s in stats) / os.sysconf("SC_CLK_TCK")


def spread(values, digits=2):
    """Median [lowest..highest]."""
    return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}..{max(values):.{digits}f}]"


class Processes:
    """Programs that run until stop()."""

    def __init__(self, nice=0):
        self.on = ["nice", "-n", str(nice), "taskset", "-c"]
        self.running = []

    def start(self, cpu, command, port):
        """Starts a program on a CPU and waits until it listens; its process id."""
        process = subprocess.Popen([*self.on, cpu, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.running.append(process)
        await_port(port)
        return process.pid

    def stop(self):
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait()
