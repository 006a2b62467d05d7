namespace PolicyProxy.Sidecar.Launching;

/// <summary>Which signals this process ignores, from <c>/proc/self/status</c>.</summary>
internal readonly record struct IgnoredSignals(ulong Mask)
{
    public bool Contains(int signal) => (Mask >> (signal - 1) & 1) != 0;

    public static IgnoredSignals Read() => new(ProcessStatus.Hex("SigIgn"));
}
