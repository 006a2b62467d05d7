using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Redirect.Instances;
using PolicyProxy.Sidecar.Redirect.Requirements;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Tests.Redirect.Instances;

/// <summary>
/// A real instance as a killed proxy leaves it: cgroups, and a pinned link whose program drops every packet of <c>workload</c>. It lies
/// below roots of its own, so that other instances of the machine stay out of reach. Disposing removes what is left.
/// </summary>
internal sealed unsafe class LeftBehind : IDisposable
{
    private const int ProgramLoad = 5;
    private const int ObjectPin = 6;
    private const int LinkCreate = 28;
    private const uint CgroupSkb = 8;
    private const uint Egress = 1;

    private readonly List<Process> _processes = [];
    private readonly string _bpffs = Directory.CreateTempSubdirectory("policyproxy-bpffs-").FullName;

    public LeftBehind(string name = "shop")
    {
        var hierarchy = MountTable.Read(SystemRoots.Machine).Cgroup2?.Path ?? throw new InvalidOperationException("a cgroup v2 hierarchy is needed");
        Tool.Run("mount", "mount", "-t", "bpf", "bpf", _bpffs);
        Roots = new InstanceRoots(hierarchy, Path.Combine(hierarchy, $"policyproxy-test-{Guid.NewGuid():N}"), Path.Combine(_bpffs, "policyproxy"));
        Instance = Add(name);
    }

    public InstanceRoots Roots { get; }

    public Instance Instance { get; }

    /// <summary>One more instance with its link.</summary>
    public Instance Add(string name)
    {
        var instance = new Instance(Roots, name);
        Directory.CreateDirectory(instance.Work.Path);
        Directory.CreateDirectory(instance.Proxy.Path);
        PinLink(instance.Work.Path, LinkPin(instance));
        return instance;
    }

    public static string LinkPin(Instance instance) => Path.Combine(instance.PinFolder, "v1", "links", "egress");

    /// <summary>Attaches <c>return 0</c> to a cgroup's outgoing packets and pins the link; nothing else holds it afterwards.</summary>
    public static void PinLink(string cgroup, string pin)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(pin)!);
        var directory = open(cgroup, 0x10000, 0);
        // r0 = 0; exit
        var instructions = stackalloc ulong[2] { 0x0000_0000_0000_00b7, 0x0000_0000_0000_0095 };
        fixed (byte* license = "GPL\0"u8, path = Encoding.UTF8.GetBytes(pin + "\0"))
        {
            var load = stackalloc uint[32];
            new Span<uint>(load, 32).Clear();
            (load[0], load[1], *(ulong*)(load + 2), *(ulong*)(load + 4), load[17]) = (CgroupSkb, 2, (ulong)instructions, (ulong)license, Egress);
            var program = Check(BpfSyscall.Invoke(ProgramLoad, load, 72));
            var create = stackalloc uint[4] { (uint)program, (uint)directory, Egress, 0 };
            var link = Check(BpfSyscall.Invoke(LinkCreate, create, 16));
            var attributes = stackalloc ulong[2] { (ulong)path, (uint)link };
            Check(BpfSyscall.Invoke(ObjectPin, attributes, 16));
            foreach (var descriptor in new[] { directory, program, link })
            {
                _ = Libc.close(descriptor);
            }
        }
    }

    /// <summary>A process of a group that sends datagrams to <paramref name="receiver"/> as fast as it can, with a child that does the same.</summary>
    public int Send(CgroupDirectory group, Socket receiver)
    {
        var port = ((IPEndPoint)receiver.LocalEndPoint!).Port;
        return Start($"echo $$ > {group.Path}/cgroup.procs; (while :; do echo x > /dev/udp/127.0.0.1/{port}; done) & while :; do echo x > /dev/udp/127.0.0.1/{port}; done", group);
    }

    /// <summary>A process of a group that does nothing.</summary>
    public int Rest(CgroupDirectory group) => Start($"echo $$ > {group.Path}/cgroup.procs; exec sleep 1000", group);

    /// <summary>A process in none of the instance's groups that holds its pins, as a proxy does.</summary>
    public int HoldPins()
    {
        var process = Process.Start("flock", ["--exclusive", "--no-fork", Path.Combine(Instance.PinFolder, "v1"), "sleep", "1000"]);
        _processes.Add(process);
        Assert.True(SpinWait.SpinUntil(() => Instance.Holders.Contains(process.Id), TimeSpan.FromSeconds(10)));
        return process.Id;
    }

    public void Dispose()
    {
        foreach (var group in new[] { new CgroupDirectory(Roots.Cgroups) }.Where(group => group.Exists))
        {
            group.Kill();
            Assert.True(SpinWait.SpinUntil(group.TryRemove, TimeSpan.FromSeconds(10)));
        }

        foreach (var process in _processes)
        {
            process.Kill(); // nothing happens to one that has ended
            process.Dispose();
        }

        Tool.Run("umount", "mount", _bpffs);
        Directory.Delete(_bpffs);
    }

    private int Start(string script, CgroupDirectory group)
    {
        var process = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        _processes.Add(process);
        Assert.True(SpinWait.SpinUntil(() => group.Processes.Contains(process.Id), TimeSpan.FromSeconds(10)));
        return process.Id;
    }

    private static int Check(int result) =>
        result >= 0 ? result : throw new InvalidOperationException("bpf: error " + Marshal.GetLastPInvokeError().ToString(CultureInfo.InvariantCulture));

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(string path, int flags, int mode);
}
