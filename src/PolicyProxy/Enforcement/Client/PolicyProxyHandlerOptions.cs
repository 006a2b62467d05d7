using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Enforcement.Client;

/// <summary>What a caller sees of a request that policy denies.</summary>
public enum DeniedRequest
{
    /// <summary>A response made here: 403, or 400 for a target that servers read in different ways; header <c>x-policyproxy-denied</c> has the reason.</summary>
    Respond = 0,

    /// <summary>A <see cref="PolicyProxyDeniedException"/>.</summary>
    Throw,
}

/// <summary>Settings of a <see cref="PolicyProxyHandler"/>. Read when it is made; later changes have no effect.</summary>
public sealed class PolicyProxyHandlerOptions
{
    /// <summary>What a caller sees of a denied request. Default <see cref="DeniedRequest.Respond"/>.</summary>
    public DeniedRequest Denied { get; set; }

    /// <summary>First line of a denial's body, printable ASCII; CRLF is appended. Default <c>Access denied</c>.</summary>
    public string DenyMessage { get; set; } = "Access denied";

    /// <summary>True reports what would be denied and lets it through (Cilium's policy audit mode). Default false.</summary>
    public bool Audit { get; set; }

    /// <summary>
    /// What <c>toFQDNs</c> is true to. Default <see cref="FqdnBinding.Strict"/>, whatever the engine does: a request always has a name, so
    /// nothing is lost, and another name on the same address stays closed.
    /// </summary>
    public FqdnBinding FqdnBinding { get; set; } = FqdnBinding.Strict;

    /// <summary>
    /// True refuses loopback, private, carrier, link-local, metadata and multicast addresses unless a rule speaks of them: by a network inside
    /// theirs (<c>toCIDR: 10.1.0.0/16</c>), as an entity (<c>host</c>) or by labels. Rules for names, for all of the world and for everything
    /// do not open them, and neither does the absence of policies. Default true.
    /// </summary>
    public bool GuardSpecialNetworks { get; set; } = true;

    /// <summary>
    /// True takes loopback addresses for the entity <c>host</c>, as <c>policyproxy run</c> does; networks never select it. False asks the
    /// engine, as for every other address: then <c>toCIDR: 127.0.0.0/8</c> does. Default true.
    /// </summary>
    public bool LoopbackIsHost { get; set; } = true;

    /// <summary>
    /// How long addresses of a name are used before the resolver is asked again, 1 second to 1 day. The system's resolver tells no time to
    /// live. Default 30 seconds, a usual value of records that rotate.
    /// </summary>
    public TimeSpan AddressLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Resolves a name; called at the same time for several names. Default <see cref="System.Net.Dns.GetHostAddressesAsync(string, CancellationToken)"/>:
    /// what every other client of the process would get, <c>hosts</c> file and search domains included.
    /// </summary>
    public Func<string, CancellationToken, Task<System.Net.IPAddress[]>> Resolver { get; set; } = System.Net.Dns.GetHostAddressesAsync;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(AddressLifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(AddressLifetime, TimeSpan.FromDays(1));
        ArgumentNullException.ThrowIfNull(DenyMessage);
        ArgumentNullException.ThrowIfNull(Resolver);
    }
}
