using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Redirect.Instances;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// The attachments of a shim. What is pinned from a process before is given the new program in one step, so there is no moment without
/// one. Not thread-safe.
/// </summary>
internal sealed unsafe class ShimLinks(BpfObject programs, string? pinDirectory) : IDisposable
{
    private const int O_DIRECTORY = 0x10000;
    private const int EgressPoint = 2; // BPF_TC_EGRESS
    private const int DeviceEgress = 47; // BPF_TCX_EGRESS, Linux 6.6
    private const int FilterReplaces = 1; // BPF_TC_F_REPLACE
    private const int FilterPriority = 0x5050;
    private const int EEXIST = 17;
    private const string OwnNamespace = "/proc/self/ns/net";

    private readonly List<nint> _links = [];
    private readonly List<(int Device, uint Handle, uint Priority)> _filters = [];

    /// <summary>Fails if what is pinned holds a workload other than the one in <paramref name="cgroup"/>: it would be let go.</summary>
    /// <exception cref="ShimException">It does.</exception>
    public void DemandWorkload(string cgroup, IEnumerable<string> pinNames)
    {
        var id = Shim.IdOf(cgroup);
        if (pinNames.Select(Pin).FirstOrDefault(pin => pin is not null && File.Exists(pin) && PinnedObject.Open(pin).CgroupId is not 0 and var held && held != id) is { } other)
        {
            throw new ShimException($"{other} holds a workload in another cgroup than {cgroup}: remove it first with policyproxy detach, or use another instance name");
        }
    }

    /// <summary>Attaches a program to a cgroup.</summary>
    public void AttachCgroup(string program, string cgroup, string pinName)
    {
        var id = Shim.IdOf(cgroup);
        Attach(program, cgroup, O_DIRECTORY, pinName, pinned => pinned.CgroupId == id, LibBpf.bpf_program__attach_cgroup);
    }

    /// <summary>Attaches a program to this process' network namespace.</summary>
    public void AttachNetworkNamespace(string program, string pinName)
    {
        var id = NamespaceId();
        Attach(program, OwnNamespace, 0, pinName, pinned => pinned.NamespaceId == id, LibBpf.bpf_program__attach_netns);
    }

    /// <summary>Attaches a program to what leaves through a device of this process' network namespace.</summary>
    public void AttachDevice(string program, int device)
    {
        var pin = Pin(FormattableString.Invariant($"device_{NamespaceId()}_{device}"));
        if (pin is null)
        {
            AttachFilter(program, device);
            return;
        }

        // The number of a device that went is not given to another one of its namespace while that lives.
        if (File.Exists(pin))
        {
            Update(program, pin);
            return;
        }

        var link = LibBpf.bpf_link_create(LibBpf.bpf_program__fd(programs.Program(program)), device, DeviceEgress, null);
        if (link < 0)
        {
            AttachFilter(program, device);
            return;
        }

        var pinned = LibBpf.bpf_obj_pin(link, pin);
        _ = Libc.close(link);
        if (pinned != 0 || LibBpf.bpf_link__open(pin) is not (not 0 and var opened))
        {
            throw ShimException.Of($"pin {pin}");
        }

        _links.Add(opened);
    }

    /// <summary>Removes the filters of devices.</summary>
    public void DetachDevices()
    {
        foreach (var (device, handle, priority) in _filters)
        {
            var hook = Hook(device);
            var options = new LibBpf.TcOptions { Size = (nuint)sizeof(LibBpf.TcOptions), Handle = handle, Priority = priority };
            _ = LibBpf.bpf_tc_detach(&hook, &options);
        }

        _filters.Clear();
    }

    /// <summary>Gives the links back; pinned ones stay attached.</summary>
    public void Dispose()
    {
        _links.ForEach(static link => LibBpf.bpf_link__destroy(link));
        _links.Clear();
    }

    private static LibBpf.TcHook Hook(int device) =>
        new() { Size = (nuint)sizeof(LibBpf.TcHook), Ifindex = device, AttachPoint = EgressPoint };

    private static ulong NamespaceId() => FileStatus.Of(OwnNamespace)?.Inode ?? throw ShimException.Of($"look at {OwnNamespace}");

    private string? Pin(string name) => pinDirectory is null ? null : Path.Combine(pinDirectory, name);

    // Kernels before 6.6: a filter stays until the device goes, also after detaching by another process; the next one replaces it.
    private void AttachFilter(string program, int device)
    {
        var hook = Hook(device);
        var created = LibBpf.bpf_tc_hook_create(&hook);
        if (created != 0 && -created != EEXIST)
        {
            throw ShimException.Of($"prepare device {device} for a filter");
        }

        var options = new LibBpf.TcOptions
        {
            Size = (nuint)sizeof(LibBpf.TcOptions),
            ProgramFd = LibBpf.bpf_program__fd(programs.Program(program)),
            Flags = FilterReplaces,
            Handle = 1,
            Priority = FilterPriority,
        };
        if (LibBpf.bpf_tc_attach(&hook, &options) != 0)
        {
            throw ShimException.Of($"attach {program} to device {device}");
        }

        _filters.Add((device, options.Handle, options.Priority));
    }

    private void Attach(string program, string target, int flags, string pinName, Func<PinnedObject, bool> isHere, Func<nint, int, nint> attach)
    {
        var pin = Pin(pinName);
        if (pin is not null && File.Exists(pin))
        {
            if (isHere(PinnedObject.Open(pin)))
            {
                Update(program, pin);
                return;
            }

            // Its cgroup or namespace is gone, as a restarted container's is, or it was the former proxy's.
            File.Delete(pin);
        }

        var descriptor = Libc.open(target, flags | Libc.O_CLOEXEC);
        if (descriptor < 0)
        {
            throw ShimException.Of($"open {target}");
        }

        var link = attach(programs.Program(program), descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = Libc.close(descriptor);
        Marshal.SetLastPInvokeError(error);
        if (link == 0)
        {
            throw ShimException.Of($"attach {program} to {target}");
        }

        _links.Add(link);
        if (pin is not null && LibBpf.bpf_link__pin(link, pin) != 0)
        {
            throw ShimException.Of($"pin {pin}");
        }
    }

    private void Update(string program, string pin)
    {
        var link = LibBpf.bpf_link__open(pin);
        if (link == 0)
        {
            throw ShimException.Of($"open {pin}");
        }

        _links.Add(link);
        if (LibBpf.bpf_link__update_program(link, programs.Program(program)) != 0)
        {
            throw ShimException.Of($"replace the program of {pin}");
        }
    }
}
