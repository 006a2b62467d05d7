using System.Runtime.InteropServices;
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
    private const int EEXIST = 17;

    private readonly List<nint> _links = [];
    private readonly List<(int Device, uint Handle, uint Priority)> _filters = [];

    /// <summary>Attaches a program to a cgroup.</summary>
    public void AttachCgroup(string program, string cgroup, string pinName) =>
        Attach(program, cgroup, O_DIRECTORY, pinName, LibBpf.bpf_program__attach_cgroup);

    /// <summary>Attaches a program to this process' network namespace.</summary>
    public void AttachNetworkNamespace(string program, string pinName) =>
        Attach(program, "/proc/self/ns/net", 0, pinName, LibBpf.bpf_program__attach_netns);

    /// <summary>Attaches a program to what leaves through a device. It stays until <see cref="DetachDevices"/> or the device goes.</summary>
    public void AttachDevice(string program, int device)
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
        };
        if (LibBpf.bpf_tc_attach(&hook, &options) != 0)
        {
            throw ShimException.Of($"attach {program} to device {device}");
        }

        _filters.Add((device, options.Handle, options.Priority));
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

    private void Attach(string program, string target, int flags, string pinName, Func<nint, int, nint> attach)
    {
        var pin = pinDirectory is null ? null : Path.Combine(pinDirectory, pinName);
        if (pin is not null && File.Exists(pin))
        {
            Update(program, pin);
            return;
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
