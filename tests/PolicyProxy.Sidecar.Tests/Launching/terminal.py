"""Runs a command line on a pseudo terminal as a shell with job control would, and checks what the terminal does to it.

terminal.py SCENARIO PROGRAM ARGS...: the command of each scenario is appended to the arguments. Exits with 0 or says what differed.
"""
import fcntl, os, pty, re, select, signal, struct, sys, termios, time

scenario, program = sys.argv[1], sys.argv[2:]
DEADLINE = time.monotonic() + float(os.environ.get("TERMINAL_LIMIT", 50))
seen = b""


def take():
    global seen
    seen += os.read(master, 4096)
    # Nothing but the command may change how the terminal behaves: this one lets the cursor keys send other bytes.
    if b"\x1b[?1h" in seen:
        sys.exit(f"the terminal was set up by somebody: {seen}")


def read_until(pattern):
    global seen
    while True:
        match = re.search(pattern, seen)
        if match:
            seen = seen[match.end():]
            return match
        left = DEADLINE - time.monotonic()
        if left <= 0 or not select.select([master], [], [], left)[0]:
            sys.exit(f"{pattern} did not come, but {seen}")
        try:
            take()
        except OSError:
            sys.exit(f"{pattern} did not come before the end, but {seen}")


def send(text):
    os.write(master, text)


def wait(flags=0):
    while time.monotonic() < DEADLINE:
        done, status = os.waitpid(child, flags | os.WNOHANG)
        if done:
            return status
        # What is printed has to be read, or the printing blocks.
        if select.select([master], [], [], 0.05)[0]:
            try:
                take()
            except OSError:
                pass
    sys.exit(f"it did not end; {seen}")


def start(command):
    """A session leader owns the terminal, and the program is a job of it with a process group of its own."""
    global child, master
    master, slave = pty.openpty()
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(slave, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        for descriptor in range(3):
            os.dup2(slave, descriptor)
        os.execvp(program[0], program + command)
    return slave


def expect(what, value, wanted):
    if value != wanted:
        sys.exit(f"{what} is {value} and not {wanted}; {seen}")


python = [sys.executable, "-u", "-c"]
if os.fork():
    _, status = os.wait()
    sys.exit(os.waitstatus_to_exitcode(status))

if scenario == "interrupt":
    # Ctrl+C arrives once and ends only the command; the exit code is the command's.
    start(python + ["""
import signal, sys, time
count = 0
def on(*_):
    global count
    count += 1
    print("interrupt", count)
signal.signal(signal.SIGINT, on)
print("ready")
input()
print("total", count)
sys.exit(9)
"""])
    read_until(rb"ready")
    send(b"\x03")
    read_until(rb"interrupt 1")
    send(b"\n")
    expect("the number of signals", read_until(rb"total (\d)").group(1), b"1")
    expect("the exit code", os.waitstatus_to_exitcode(wait()), 9)
elif scenario == "stop":
    # Ctrl+Z stops both; going on in the foreground, the command reads again.
    slave = start(["cat"])
    send(b"one\n")
    read_until(rb"one\r\n(?s:.*)one\r\n")
    send(b"\x1a")
    expect("stopped", os.WIFSTOPPED(wait(os.WUNTRACED)), True)
    os.tcsetpgrp(slave, os.getpgrp())
    os.tcsetpgrp(slave, child)
    os.killpg(child, signal.SIGCONT)
    send(b"two\n")
    read_until(rb"two\r\n(?s:.*)two\r\n")
    send(b"\x04")
    expect("the exit code", os.waitstatus_to_exitcode(wait()), 0)
elif scenario == "shell":
    # An interactive shell has process groups of its own, stops and goes on as a job, and gives the terminal back.
    slave = start(["bash", "--norc", "--noprofile", "-i"])
    send(b"sh -c 'echo $((5*5)); exec sleep 1000'\n")
    read_until(rb"25\r\n")
    send(b"\x1a")
    read_until(rb"Stopped")
    send(b"kill %1; echo $((6*7)); suspend\n")
    read_until(rb"42")
    expect("stopped", os.WIFSTOPPED(wait(os.WUNTRACED)), True)
    os.tcsetpgrp(slave, os.getpgrp())
    os.tcsetpgrp(slave, child)
    os.killpg(child, signal.SIGCONT)
    send(b"echo $((6*8)); exit 5\n")
    read_until(rb"48")
    expect("the exit code", os.waitstatus_to_exitcode(wait()), 5)
    expect("the foreground group", os.tcgetpgrp(slave), child)
elif scenario == "raw":
    # A full-screen program sets the terminal to raw; that stays when it is stopped and continued.
    slave = start(python + ["""
import sys, termios, tty
before = termios.tcgetattr(0)
tty.setraw(0)
print("raw", end="\\r\\n")
sys.stdin.read(1)
print("again", termios.tcgetattr(0)[3] & (termios.ICANON | termios.ECHO), end="\\r\\n")
termios.tcsetattr(0, termios.TCSADRAIN, before)
"""])
    read_until(rb"raw\r\n")
    os.killpg(child, signal.SIGSTOP)
    expect("stopped", os.WIFSTOPPED(wait(os.WUNTRACED)), True)
    os.killpg(child, signal.SIGCONT)
    send(b"x")
    expect("line mode and echo", read_until(rb"again (\d+)").group(1), b"0")
    expect("the exit code", os.waitstatus_to_exitcode(wait()), 0)
elif scenario == "size":
    slave = start(python + ["""
import os, signal
signal.signal(signal.SIGWINCH, lambda *_: print("size", os.get_terminal_size()))
print("ready", os.isatty(0), os.isatty(1), os.isatty(2))
input()
"""])
    read_until(rb"ready True True True")
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 11, 22, 0, 0))
    read_until(rb"columns=22, lines=11")
    send(b"\n")
    expect("the exit code", os.waitstatus_to_exitcode(wait()), 0)
sys.exit(0)
