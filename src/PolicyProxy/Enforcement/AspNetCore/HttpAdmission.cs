using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>What a connection verdict depends on; a cached one is used only for equal facts.</summary>
internal readonly record struct ConnectionFacts(
    IPAddress? RemoteAddress, int RemotePort, IPAddress? LocalAddress, int LocalPort, Identity Subject, Identity? Peer, bool PeerIsAuthenticated);

/// <summary>
/// A connection verdict with the facts it was given for. Immutable: requests that run at the same time on one HTTP/2 connection copy
/// the permit, and whoever finds it outdated publishes a new object.
/// </summary>
internal sealed class HttpAdmission(in ConnectionFacts facts, in ConnectionPermit permit)
{
    public readonly ConnectionPermit Permit = permit;
    private readonly ConnectionFacts _facts = facts;

    /// <summary>True if the connection was judged by somebody who knows more of it than its addresses: direction, original destination, process.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>The server name its TLS handshake was judged by, empty if it showed none; null if no name was judged.</summary>
    public string? ServerName { get; init; }

    public bool IsFor(in ConnectionFacts facts) => _facts.Equals(facts);

    public HttpAdmission With(in ConnectionPermit permit) => new(_facts, permit) { IsAdopted = IsAdopted, ServerName = ServerName };
}

/// <summary>The admission of one client connection, shared by its requests.</summary>
internal sealed class HttpAdmissionSlot
{
    private volatile HttpAdmission? _current;

    public HttpAdmission? Current
    {
        get => _current;
        set => _current = value;
    }
}
