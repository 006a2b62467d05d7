namespace PolicyProxy.Policy.Identities;

/// <summary>What a <c>toFQDNs</c> rule is true to (ADR-0008).</summary>
public enum FqdnBinding
{
    /// <summary>
    /// The address, as in Cilium: whatever is sent to an address that an answer gave for an allowed name is allowed, for every other name
    /// on that address as well.
    /// </summary>
    Cilium = 0,

    /// <summary>
    /// The name: the connection has to show it, as TLS server name or as HTTP host, the rule has to allow it, and a DNS answer has to have
    /// given the address for it. What shows no name is refused.
    /// </summary>
    Strict,
}
