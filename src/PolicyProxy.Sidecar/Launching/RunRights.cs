using PolicyProxy.Sidecar.Launching.Confining;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>What this process must be allowed to do to hold a command to policy.</summary>
internal static class RunRights
{
    private static readonly (Capability Capability, string Name, string Use)[] s_needed =
    [
        (Capability.Bpf, "CAP_BPF", "load the programs that redirect"),
        (Capability.NetAdmin, "CAP_NET_ADMIN", "attach them to the command's cgroup"),
        (Capability.SysAdmin, "CAP_SYS_ADMIN", "give the command mounts and a system call filter of its own"),
        (Capability.SetPCap, "CAP_SETPCAP", "take capabilities away from the command"),
    ];

    /// <exception cref="EnforcementException">Something is missing.</exception>
    public static void Demand() => Demand(ProcessStatus.Hex("CapEff"));

    /// <inheritdoc cref="Demand()"/>
    /// <param name="effective">The effective capabilities, a bit for each.</param>
    public static void Demand(ulong effective)
    {
        var missing = s_needed.Where(n => (effective >> (int)n.Capability & 1) == 0).Select(n => $"{n.Name} (to {n.Use})").ToList();
        if (missing.Count > 0)
        {
            throw new EnforcementException(
                $"policy cannot be enforced without {string.Join(", ", missing)}; run as root: sudo policyproxy run --user \"$USER\" ... "
                + "A weaker mode, --mode proxy, only tells the command of a proxy, which it may ignore; it is never chosen for you");
        }
    }
}
