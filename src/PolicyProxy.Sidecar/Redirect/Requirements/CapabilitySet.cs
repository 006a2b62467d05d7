using System.Globalization;

namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>The effective capabilities of a process, as the kernel counts them (capabilities(7)).</summary>
internal readonly record struct CapabilitySet(ulong Bits)
{
    private const int NetAdmin = 12;
    private const int SysAdmin = 21;
    private const int Bpf = 39;

    public bool HasNetAdmin => Has(NetAdmin);

    public bool HasSysAdmin => Has(SysAdmin);

    public bool HasBpf => Has(Bpf);

    /// <summary>Enough to load and attach every program. CAP_SYS_ADMIN contains both of the others for bpf(2).</summary>
    public bool CanRedirect => HasSysAdmin || (HasBpf && HasNetAdmin);

    /// <summary>This process's own; empty when <c>status</c> cannot be read.</summary>
    public static CapabilitySet Read(SystemRoots roots)
    {
        const string Mark = "CapEff:";
        var line = (roots.Read("/proc/self/status") ?? string.Empty).Split('\n').FirstOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line.AsSpan(Mark.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)
            ? new CapabilitySet(bits)
            : default;
    }

    private bool Has(int bit) => ((Bits >> bit) & 1) != 0;
}
