using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Tests.Launching;

/// <summary>What a confined command finds, seen from inside: real programs as root on the real kernel.</summary>
public sealed class ConfinementTests : IDisposable
{
    // The capabilities that must be gone, by the numbers of linux/capability.h.
    private const ulong Dropped = (1UL << 2) | (1UL << 12) | (1UL << 13) | (1UL << 16) | (1UL << 17) | (1UL << 19) | (1UL << 21) | (1UL << 22) | (1UL << 27)
        | (1UL << 32) | (1UL << 33) | (1UL << 38) | (1UL << 39) | (1UL << 40);

    private readonly ConfinedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Command_runs_in_the_work_cgroup()
    {
        var outcome = await _run.ShellAsync("tail -n 1 /proc/self/cgroup");

        Assert.Equal("0::" + _run.Work.Path[_run.Mount.Length..], outcome.Out);
    }

    [Theory]
    [InlineData("AF_PACKET", 17, 3)]
    [InlineData("AF_VSOCK", 40, 1)]
    [InlineData("AF_ALG", 38, 5)]
    [InlineData("AF_BLUETOOTH", 31, 1)]
    [InlineData("AF_TIPC", 30, 1)]
    [InlineData("AF_QIPCRTR", 42, 2)]
    [InlineData("AF_XDP", 44, 3)]
    public async Task Socket_of_another_family_is_refused(string name, int family, int type)
    {
        var outcome = await _run.PythonAsync($"""
            import ctypes, errno
            c = ctypes.CDLL(None, use_errno=True)
            def word(result): return errno.errorcode[ctypes.get_errno()] if result < 0 else "made"
            print(word(c.socket({family}, {type}, 0)), word(c.socketpair({family}, {type}, 0, (ctypes.c_int * 2)())))
            """);

        Assert.Equal((name, "EAFNOSUPPORT EAFNOSUPPORT"), (name, outcome.Out));
    }

    [Fact]
    public async Task Sockets_that_policy_speaks_of_are_made()
    {
        var outcome = await _run.PythonAsync("""
            import socket
            for family, kind in ((1, 1), (2, 1), (2, 2), (10, 1), (10, 2), (16, 3)): socket.socket(family, kind)
            socket.socketpair()
            print("made")
            """);

        Assert.Equal("made", outcome.Out);
    }

    [Theory]
    [InlineData("io_uring_setup", "c.syscall(425, 8, ctypes.create_string_buffer(256))", "ENOSYS")]
    [InlineData("bpf", "c.syscall({'x86_64': 321, 'aarch64': 280}[os.uname().machine], 7, ctypes.create_string_buffer(128), 128)", "EPERM")]
    [InlineData("TIOCSTI", "c.ioctl(0, 0x5412, b'x')", "EPERM")]
    [InlineData("TIOCSTI with high bits", "c.ioctl(0, ctypes.c_ulong(0x100005412), b'x')", "EPERM")]
    [InlineData("TIOCLINUX", "c.ioctl(0, 0x541C, b'x')", "EPERM")]
    [InlineData("raw IPv4", "c.socket(2, 3, 1)", "EPERM")]
    [InlineData("raw IPv6", "c.socket(10, 3, 58)", "EPERM")]
    [InlineData("unshare mounts", "c.unshare(0x20000)", "EPERM")]
    [InlineData("enter a network namespace", "c.setns(os.open('/proc/self/ns/net', 0), 0)", "EPERM")]
    [InlineData("open by handle", "c.open_by_handle_at(os.open('/', 0), ctypes.create_string_buffer(b'\\x08\\0\\0\\0\\x01\\0\\0\\0' + bytes(8)), 0)", "EPERM")]
    [InlineData("kexec", "c.syscall({'x86_64': 246, 'aarch64': 104}[os.uname().machine], 0, 0, 0, 0)", "EPERM|ENOSYS")]
    [InlineData("load a module", "c.syscall({'x86_64': 175, 'aarch64': 105}[os.uname().machine], 0, 0, 0)", "EPERM|ENOSYS")]
    [InlineData("make a block device", "c.mknod(b'node-of-a-test', 0o60600, os.makedev(7, 200))", "EPERM")]
    public async Task System_call_is_refused(string name, string call, string errors)
    {
        var outcome = await _run.PythonAsync($"""
            import ctypes, errno, os
            c = ctypes.CDLL(None, use_errno=True)
            print("made" if {call} >= 0 else errno.errorcode[ctypes.get_errno()])
            """);

        // Kernels without modules or kexec have no such call.
        Assert.Matches($"^({errors})$", outcome.Out);
        Assert.Empty(outcome.Error + (name.Length == 0 ? "no name" : string.Empty));
    }

    [Fact]
    public async Task Call_by_the_numbers_of_another_architecture_is_refused()
    {
        var outcome = await _run.PythonAsync("""
            import ctypes, errno
            c = ctypes.CDLL(None, use_errno=True)
            print(c.syscall(0x40000000 + 39), errno.errorcode[ctypes.get_errno()])
            """);

        Assert.Equal("-1 ENOSYS", outcome.Out);
    }

    [Fact]
    public async Task Root_cannot_leave_the_cgroup()
    {
        var outcome = await _run.ShellAsync($"echo $$ > {_run.Mount}/cgroup.procs; mkdir {_run.Mount}/policyproxy-escape; tail -n 1 /proc/self/cgroup");

        Assert.Contains("Read-only file system", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("0::" + _run.Work.Path[_run.Mount.Length..], outcome.Out);
        Assert.False(Directory.Exists(_run.Mount + "/policyproxy-escape"));
    }

    [Theory]
    [InlineData("mount -o remount,rw,bind {0}")]
    [InlineData("mount -t cgroup2 none /mnt")]
    [InlineData("umount -l {0}")]
    [InlineData("nsenter --mount=/proc/1/ns/mnt true")]
    [InlineData("unshare --user --map-root-user --mount mount -o remount,rw,bind {0}")]
    [InlineData("unshare --user --map-root-user --mount umount {0}")]
    [InlineData("unshare --user --map-root-user --mount --pid --fork mount -t proc proc /mnt")]
    [InlineData("echo x > /proc/sys/kernel/core_pattern")]
    [InlineData("unshare --user --map-root-user sh -c 'echo x > /proc/sys/kernel/core_pattern'")]
    [InlineData("mkdir /sys/fs/bpf/policyproxy-escape")]
    public async Task Way_back_to_writable_control_files_is_closed(string attempt)
    {
        var corePattern = await File.ReadAllTextAsync("/proc/sys/kernel/core_pattern");

        var outcome = await _run.ShellAsync(string.Format(CultureInfo.InvariantCulture, attempt, _run.Mount));

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.NotEqual(127, outcome.ExitCode);
        Assert.Matches("(?i)read-only|permission|permitted|superuser|not mounted|must be", outcome.Error);
        Assert.Equal(corePattern, await File.ReadAllTextAsync("/proc/sys/kernel/core_pattern"));
    }

    [Fact]
    public async Task Pin_in_a_bpf_file_system_cannot_be_removed()
    {
        var bpf = Directory.CreateTempSubdirectory("policyproxy-bpf-").FullName;
        await Tool.RunAsync("mount", "mount", "-t", "bpf", "bpf", bpf);
        try
        {
            Directory.CreateDirectory(bpf + "/pin");
            var outcome = await _run.ShellAsync($"rmdir {bpf}/pin");

            Assert.Contains("Read-only file system", outcome.Error, StringComparison.Ordinal);
            Assert.True(Directory.Exists(bpf + "/pin"));
        }
        finally
        {
            await Tool.RunAsync("umount", "mount", bpf);
            Directory.Delete(bpf);
        }
    }

    [Fact]
    public async Task Capabilities_that_undo_enforcement_are_in_no_set_and_others_stay()
    {
        var outcome = await _run.ShellAsync("grep Cap /proc/self/status");

        var sets = outcome.Out.Split('\n').ToDictionary(l => l[..6], l => ulong.Parse(l.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Assert.All(sets.Values, set => Assert.Equal(0UL, set & Dropped));
        Assert.NotEqual(0UL, sets["CapEff"] & 1);
    }

    [Fact]
    public async Task Setuid_program_of_root_gets_them_back_from_nowhere()
    {
        var folder = Directory.CreateTempSubdirectory("policyproxy-suid-");
        try
        {
            await Tool.RunAsync("chmod", "coreutils", "0755", folder.FullName);
            var program = Path.Combine(folder.FullName, "grep");
            File.Copy("/bin/grep", program);
            await Tool.RunAsync("chmod", "coreutils", "4755", program);
            var outcome = await _run.ExecuteAsync([program, "-E", "CapEff|Uid|NoNewPrivs", "/proc/self/status"], "--user=nobody");

            Assert.Contains("NoNewPrivs:\t0", outcome.Out, StringComparison.Ordinal);
            Assert.Matches(@"Uid:\t65534\t0\t", outcome.Out);
            var effective = ulong.Parse(outcome.Out.Split("CapEff:\t")[1].Split('\n')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Assert.NotEqual(0UL, effective);
            Assert.Equal(0UL, effective & Dropped);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("os.listdir(f'/proc/{p}/root')")]
    [InlineData("os.readlink(f'/proc/{p}/cwd')")]
    [InlineData("os.open(f'/proc/{p}/fd/0', 0)")]
    [InlineData("open(f'/proc/{p}/mem', 'r+b')")]
    [InlineData("call(c.ptrace(16, p, 0, 0))")]
    [InlineData("call(c.syscall(438, os.pidfd_open(p), 1, 0))")]
    [InlineData("call(c.process_vm_writev(p, vector, 1, vector, 1, 0))")]
    public async Task Root_cannot_take_over_a_process_outside(string attempt)
    {
        var outcome = await _run.PythonAsync($"""
            import ctypes, errno, os
            p = {Environment.ProcessId}
            c = ctypes.CDLL(None, use_errno=True)
            vector = (ctypes.c_size_t * 2)(4096, 1)
            def call(result):
                if result < 0: raise OSError(ctypes.get_errno(), "refused")
            try:
                {attempt}
                print("done")
            except OSError as e:
                print(errno.errorcode[e.errno])
            """);

        Assert.Contains(outcome.Out, new[] { "EPERM", "EACCES" });
    }

    [Fact]
    public async Task Signals_and_descriptors_are_those_of_a_bare_command()
    {
        var outcome = await _run.PythonAsync("""
            import os
            print([l.split()[1] for l in open("/proc/self/status") if l.startswith(("SigBlk", "SigIgn"))], sorted(os.listdir("/proc/self/fd"))[:4])
            """);

        // Python itself ignores SIGPIPE (13) and SIGXFSZ (25); the fourth descriptor is that of the listing.
        Assert.Equal("['0000000000000000', '0000000001001000'] ['0', '1', '2', '3']", outcome.Out);
        Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000", (await _run.ShellAsync("grep -E 'Sig(Blk|Ign)' /proc/self/status")).Out);
    }

    [Fact]
    public async Task Signal_that_nohup_ignores_stays_ignored()
    {
        var outcome = await _run.ExecuteAsync(["grep", "SigIgn", "/proc/self/status"], [], "nohup", ["dotnet"]);

        Assert.Equal("SigIgn:\t0000000000000001", outcome.Out);
    }

    [Theory]
    [InlineData("nobody", "65534 65534 65534 nobody")]
    [InlineData("4321:77", "4321 77 77 -")]
    [InlineData("nobody:77", "65534 77 77 nobody")]
    [InlineData("0", "0 0 0 root")]
    public async Task Command_runs_as_the_user(string user, string expected)
    {
        var outcome = await _run.ShellAsync("echo $(id -u) $(id -g) $(id -G) ${LOGNAME:--}", "--user=" + user);

        Assert.StartsWith(expected.Replace(" -", string.Empty, StringComparison.Ordinal), outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_other_than_root_has_no_capability()
    {
        var outcome = await _run.ShellAsync("grep -E 'Cap(Inh|Prm|Eff|Amb)' /proc/self/status", "--user=nobody");

        Assert.Equal(4, outcome.Out.Split('\n').Count(l => l.EndsWith("\t0000000000000000", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("no-such-user", "there is no such user")]
    [InlineData("4321", "name its group too")]
    [InlineData("nobody:x", "a number for the group")]
    public async Task Unknown_user_is_refused(string user, string message)
    {
        var outcome = await _run.ShellAsync("echo ran", "--user=" + user);

        Assert.Equal((125, string.Empty), (outcome.ExitCode, outcome.Out));
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(127, "No such file or directory", "no-such-command")]
    [InlineData(126, "Permission denied", "/etc/passwd")]
    [InlineData(126, "Permission denied", "/")]
    [InlineData(7, "", "sh", "-c", "exit 7")]
    public async Task Exit_code_is_that_of_a_shell(int exitCode, string message, params string[] command)
    {
        var outcome = await _run.ExecuteAsync(command);

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_cgroup_keeps_the_command_from_running()
    {
        var outcome = await ConfinedRun.StartAsync("dotnet", [ConfinedRun.Program, "__confined", "--work=/no/such/cgroup", "--", "echo", "ran"]);

        Assert.Equal((125, string.Empty), (outcome.ExitCode, outcome.Out));
        Assert.Contains("cannot join cgroup /no/such/cgroup", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp/192.0.2.1:443")]
    [InlineData("udp/192.0.2.1:443")]
    [InlineData("tcp/127.0.0.1:1")]
    [InlineData("udp/127.0.0.1:1")]
    [InlineData("tcp/[::1]:1")]
    public async Task Probe_that_is_not_refused_keeps_the_command_from_running(string target)
    {
        var outcome = await _run.ShellAsync("echo ran", "--probe=" + target);

        Assert.Equal((125, string.Empty), (outcome.ExitCode, outcome.Out));
        Assert.Contains($"policy is not in force: {target} is denied", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Network_socket_as_standard_input_is_refused()
    {
        var outcome = await ConfinedRun.StartAsync(
            "python3",
            [
                "-c", "import socket, subprocess, sys; s = socket.socket(); sys.exit(subprocess.run(sys.argv[1:], stdin=s).returncode)",
                "dotnet", ConfinedRun.Program, "__confined", "--work=" + _run.Work.Path, "--", "echo", "ran",
            ]);

        Assert.Equal((125, string.Empty), (outcome.ExitCode, outcome.Out));
        Assert.Contains("standard input is a network socket", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Directory_as_standard_input_is_refused()
    {
        var outcome = await ConfinedRun.StartAsync(
            "sh", ["-c", $"exec dotnet {ConfinedRun.Program} __confined --work={_run.Work.Path} -- echo ran < /"]);

        Assert.Equal((125, string.Empty), (outcome.ExitCode, outcome.Out));
        Assert.Contains("standard input is a directory", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Argument_that_is_not_text_arrives_as_it_is()
    {
        var outcome = await ConfinedRun.StartAsync(
            "python3",
            [
                "-c", "import subprocess, sys, os; os.execvp(sys.argv[1], [os.fsencode(a) for a in sys.argv[1:]] + [b'\\xff\\xfe'])",
                "dotnet", ConfinedRun.Program, "__confined", "--work=" + _run.Work.Path, "--", "python3", "-c", "import sys, os; print(os.fsencode(sys.argv[1]))",
            ]);

        Assert.Equal(@"b'\xff\xfe'", outcome.Out);
    }

    [Fact]
    public async Task Open_connection_does_not_come_along()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var outcome = await ConfinedRun.StartAsync(
            "python3",
            [
                "-c", "import socket, subprocess, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); sys.exit(subprocess.run(sys.argv[2:], close_fds=False, pass_fds=[s.fileno()]).returncode)",
                ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture),
                "dotnet", ConfinedRun.Program, "__confined", "--work=" + _run.Work.Path, "--", "sh", "-c", "ls -l /proc/self/fd | grep -c socket:",
            ]);

        Assert.Equal("0", outcome.Out);
    }
}
