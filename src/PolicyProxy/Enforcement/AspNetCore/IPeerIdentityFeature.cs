using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// Says who the client is when that is known by better means than its address, for example a client certificate. Set it on
/// <c>HttpContext.Features</c> in a middleware before <c>UsePolicyProxy</c>; Kestrel's <c>UsePolicyProxy</c> does so for SPIFFE certificates.
/// </summary>
public interface IPeerIdentityFeature
{
    /// <summary>The client's identity, made by the engine's identity table; null = resolve it from the remote address.</summary>
    Identity? Peer { get; }

    /// <summary>True if the client has proven its identity cryptographically, as rules with <c>authentication</c> require.</summary>
    bool IsAuthenticated { get; }

    /// <summary>
    /// Why nothing of this client is allowed, in words without anything it wrote: it claims to be somebody and does not prove it. Whoever it could be
    /// by its address does not count then. Null, the default, for every other client.
    /// </summary>
    string? Refusal => null;
}
