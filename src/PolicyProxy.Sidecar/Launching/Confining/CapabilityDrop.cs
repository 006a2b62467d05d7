namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>
/// Takes from this thread, and from every program it becomes, the capabilities that undo enforcement. Gone from the bounding set they stay gone:
/// setuid programs and file capabilities get no more than the bounding set has.
/// </summary>
internal static unsafe class CapabilityDrop
{
    /// <summary>What is taken. Others stay: a command run by root keeps what it needs to install packages or change owners.</summary>
    public static IReadOnlyList<Capability> Dropped { get; } =
    [
        Capability.SysAdmin, // mounts a writable cgroup file system, enters other namespaces, loads and detaches BPF, writes into terminals
        Capability.NetAdmin, // detaches programs from cgroups, opens tunnels, changes routes and filters
        Capability.Bpf, // loads programs, opens maps and links by their numbers
        Capability.Perfmon, // reads kernel memory through tracing programs
        Capability.NetRaw, // packet sockets send frames that no hook of a cgroup sees
        Capability.SysPtrace, // takes over the proxy: ptrace, process_vm_writev, pidfd_getfd, its root directory below /proc
        Capability.CheckpointRestore, // reads the proxy's memory maps and descriptors below /proc
        Capability.SysModule, // kernel code
        Capability.SysRawIO, // ports and /dev/mem: kernel memory
        Capability.SysBoot, // kexec: another kernel
        Capability.MkNod, // a device node for a disk or for memory, where /dev has none
        Capability.DacReadSearch, // open_by_handle_at: files below a mount that hides them
        Capability.MacAdmin, // changes the rules of security modules
        Capability.MacOverride, // ignores them
    ];

    private const uint Version3 = 0x2008_0522;
    private const int Words = 6; // effective, permitted, inheritable for the capabilities 0 to 31, then the same for 32 to 63

    /// <summary>Drops them from the bounding, ambient and inheritable sets; and from the permitted and effective ones, which programs of root refill from the bounding set.</summary>
    /// <exception cref="EnforcementException">The kernel refuses.</exception>
    public static void Apply()
    {
        foreach (var capability in Dropped)
        {
            // 0 = not in the set; negative = this kernel does not know it.
            if (ProcessCalls.prctl(ProcessCalls.PR_CAPBSET_READ, (nuint)capability, 0, 0, 0) > 0
                && ProcessCalls.prctl(ProcessCalls.PR_CAPBSET_DROP, (nuint)capability, 0, 0, 0) != 0)
            {
                throw new EnforcementException($"cannot drop {capability} from the bounding set: {ErrorText.Last}; policyproxy run needs CAP_SETPCAP");
            }
        }

        if (ProcessCalls.prctl(ProcessCalls.PR_CAP_AMBIENT, ProcessCalls.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
        {
            throw new EnforcementException($"cannot clear the ambient capabilities: {ErrorText.Last}");
        }

        Change(static (set, word) => set & ~Mask(word));
    }

    /// <summary>Drops every capability from the permitted, effective and inheritable sets: for users other than root.</summary>
    public static void ApplyAll() => Change(static (_, _) => 0);

    private static uint Mask(int word)
    {
        var mask = 0u;
        foreach (var capability in Dropped)
        {
            mask |= (int)capability / 32 == word ? 1u << ((int)capability % 32) : 0;
        }

        return mask;
    }

    private static void Change(Func<uint, int, uint> change)
    {
        var header = stackalloc uint[2] { Version3, 0 };
        var sets = stackalloc uint[Words];
        if (ProcessCalls.capget(header, sets) != 0)
        {
            throw new EnforcementException($"cannot read the capabilities: {ErrorText.Last}");
        }

        for (var i = 0; i < Words; i++)
        {
            sets[i] = change(sets[i], i / 3);
        }

        if (ProcessCalls.capset(header, sets) != 0)
        {
            throw new EnforcementException($"cannot drop capabilities: {ErrorText.Last}");
        }
    }
}
