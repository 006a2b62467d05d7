using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// Says who the client is when that is known by better means than its address, for example a client certificate. Set it on
/// <c>HttpContext.Features</c> in a middleware before <c>UsePolicyProxy</c>.
/// </summary>
public interface IPeerIdentityFeature
{
    /// <summary>The client's identity, made by the engine's identity table; null = resolve it from the remote address.</summary>
    Identity? Peer { get; }

    /// <summary>True if the client has proven its identity cryptographically, as rules with <c>authentication</c> require.</summary>
    bool IsAuthenticated { get; }
}
