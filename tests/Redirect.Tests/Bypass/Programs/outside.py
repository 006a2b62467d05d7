"""What needs somebody outside: descriptors that a command inherits, and a cgroup below its own.

Arguments: the places, the policy file, then how to start policyproxy.
"""
import os
import socket
import subprocess
import sys

import attempts

POLICY, PROGRAM = sys.argv[2], sys.argv[3:]
HERE = os.path.dirname(os.path.abspath(__file__))


def run(*command, **options):
    return subprocess.Popen([*PROGRAM, "run", "-p", POLICY, "--summary", "none", "--", *command], **options)


def connected():
    listener = socket.create_server(("127.0.0.1", 0))
    near = socket.create_connection(listener.getsockname())
    far, _ = listener.accept()
    far.settimeout(attempts.LIMIT)
    return near, far


def with_socket_as(name):
    near, far = connected()
    pipe = subprocess.PIPE
    process = run("echo", "started", **{"stdin": pipe, "stdout": pipe, "stderr": pipe, name: near})
    near.close()
    if name == "stdin":
        process.stdin = None
    output, errors = process.communicate(timeout=60)
    text = f"{output or b''}{errors or b''}" + (far.makefile().read() if name != "stdin" else "")
    refused = "is a network socket" in text and "started" not in text
    return f"{process.returncode} {'refused' if refused else text}"


@attempts.attempt
def socket_as_standard_input(_):
    return with_socket_as("stdin")


@attempts.attempt
def socket_as_standard_output(_):
    return with_socket_as("stdout")


@attempts.attempt
def socket_as_standard_error(_):
    return with_socket_as("stderr")


@attempts.attempt
def inherited_sockets(_):
    """One connected, one that is not, one for datagrams, and a directory of the cgroup file system."""
    near, _ = connected()
    opened = [near, attempts.tcp(), attempts.udp()]
    given = [made.fileno() for made in opened] + [os.open(attempts.PLACES["cgroups"], os.O_RDONLY)]
    for descriptor in given:
        os.set_inheritable(descriptor, True)
    look = "import os,sys\nfor d in sys.argv[1:]:\n  try: os.fstat(int(d)); print('open')\n  except OSError as e: print(e.errno)"
    process = run("/usr/bin/python3", "-c", look, *map(str, given), stdout=subprocess.PIPE, pass_fds=given, text=True)
    return process.communicate(timeout=60)[0]


@attempts.attempt
def cgroup_below_its_own(port):
    wait = (
        "import os,socket,sys,errno\nprint(os.getpid(),os.getppid(),flush=True)\nsys.stdin.readline()\n"
        f"try: socket.create_connection(('{attempts.DENIED4}',{port}),1); print('connected')\n"
        "except OSError as e: print(errno.errorcode[e.errno])"
    )
    process = run("/usr/bin/python3", "-c", wait, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    own, proxy = process.stdout.readline().split()
    below = f"{attempts.PLACES['cgroups']}/policyproxy/run-{proxy}/workload/below"
    os.mkdir(below)
    with open(below + "/cgroup.procs", "w", encoding="ascii") as members:
        members.write(own)
    with open(f"/proc/{own}/cgroup", encoding="ascii") as told:
        moved = any(line.rstrip().endswith("/workload/below") for line in told)
    return f"{moved} {process.communicate('go', timeout=60)[0]}"


attempts.run()
