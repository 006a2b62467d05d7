using System.Net;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Gate;

/// <summary>The facts about a connection that L3/L4 policy needs.</summary>
public readonly record struct ConnectionTuple
{
    /// <summary>Seen from the subject: <see cref="TrafficDirection.Ingress"/> when the peer connects.</summary>
    public required TrafficDirection Direction { get; init; }

    /// <summary>The workload whose policy is asked about.</summary>
    public required Identity Subject { get; init; }

    /// <summary>Transport protocol; never <see cref="TransportProtocol.Any"/>.</summary>
    public required TransportProtocol Protocol { get; init; }

    /// <summary>Destination port, or the type for ICMP.</summary>
    public required ushort Port { get; init; }

    /// <summary>The other end, when its identity is known by better means than its address; null = resolved from the address at every snapshot.</summary>
    public Identity? Peer { get; init; }

    /// <summary>Address of the connecting end; the peer on ingress.</summary>
    public IPEndPoint? Source { get; init; }

    /// <summary>Address of the accepting end; the peer on egress.</summary>
    public IPEndPoint? Destination { get; init; }

    /// <summary>True when the subject is in audit mode: denials are reported and let through.</summary>
    public bool Audit { get; init; }

    /// <summary>True when the peer proved its identity by mutual authentication; rules with <c>authentication.mode: required</c> need it.</summary>
    public bool PeerIsAuthenticated { get; init; }

    /// <summary>The process of the subject that connects; null = unknown, as for every connection that only arrived. Reported in flows, not judged.</summary>
    public WorkloadProcess? Process { get; init; }

    /// <summary>True judges what <c>toFQDNs</c> admits by the name it shows, whatever the engine does (<see cref="FqdnBinding.Strict"/>).</summary>
    internal bool BindsNames { get; init; }

    /// <summary>
    /// The server that the TLS handshake was for, if it ended in this process: the name in lower case, or the address as an authority writes it. Requests
    /// inside must name it. Null = what is judged was never encrypted, or still is.
    /// </summary>
    internal string? TlsServer { get; init; }

    /// <summary>True if TLS verifies, with every request on the connection, that the peer has the name the request shows.</summary>
    internal bool PeerNameIsVerified { get; init; }

    /// <summary>
    /// True if a request that came in the open goes on over TLS, to whom proves the name it shows, wherever a rule has <c>originatingTLS</c> for that name;
    /// and not at all if that cannot be had.
    /// </summary>
    internal bool OriginatesTls { get; init; }

    internal IPEndPoint? PeerAddress => Direction == TrafficDirection.Ingress ? Source : Destination;
}
