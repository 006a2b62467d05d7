namespace PolicyProxy.Protocols.Dns;

/// <summary>Bounds on what a DNS peer may send. Immutable; share one instance. 0 and negative numbers refuse everything they bound.</summary>
public sealed record DnsLimits
{
    /// <summary>The defaults.</summary>
    public static DnsLimits Default { get; } = new();

    /// <summary>Longest message, in bytes, without its length over TCP. Default 65,535, all that this length can say (RFC 7766 §8).</summary>
    public int MaxMessageBytes { get; init; } = 65_535;

    /// <summary>
    /// Longest query, in bytes. Default 4,096, the EDNS buffer that servers long advertised (RFC 6891 §6.2.5): name, padding, cookie and
    /// signature of a real query stay below 1,000.
    /// </summary>
    public int MaxQueryBytes { get; init; } = 4_096;

    /// <summary>Most records in a message, all sections. Default 4,096: 65,535 bytes hold 4,094 addresses of a name that is written once.</summary>
    public int MaxRecords { get; init; } = 4_096;

    /// <summary>
    /// Most aliases that are followed from the question name. Default 16; resolvers stop at 11 (unbound, BIND), so that no answer of
    /// theirs has more.
    /// </summary>
    public int MaxAliases { get; init; } = 16;
}
