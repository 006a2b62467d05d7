using System.Collections.Concurrent;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// All policy of one subject, realised: both directions, merged. Immutable but for a bounded memory of connection decisions, which
/// never changes an answer. Thread-safe.
/// </summary>
internal sealed class EndpointPolicy
{
    /// <summary>Remembered decisions; more than this many distinct peers and ports start over. Precedent: Cilium's policy map, 16,384 entries.</summary>
    private const int MaxRememberedConnections = 16_384;

    private readonly ConcurrentDictionary<(TrafficDirection, TransportProtocol, ushort, Identity), ConnectionPolicy> _connections = new();

    public EndpointPolicy(Identity subject, DirectionPolicy ingress, DirectionPolicy egress, string error)
    {
        Subject = subject;
        Ingress = ingress;
        Egress = egress;
        Error = error;
    }

    public Identity Subject { get; }

    public DirectionPolicy Ingress { get; }

    public DirectionPolicy Egress { get; }

    /// <summary>Why the policies of this subject cannot be realised together (semantics 4.5 ERROR); empty when they can. Everything is denied then.</summary>
    public string Error { get; }

    /// <summary>A rule that takes part in <see cref="Error"/>, for its place; null when there is no error.</summary>
    public RuleOrigin? ErrorOrigin { get; init; }

    /// <summary>The policies that are enforced, without those that are only audited; null when none is audited.</summary>
    public EndpointPolicy? Enforced { get; init; }

    public DirectionPolicy Of(TrafficDirection direction) => direction == TrafficDirection.Ingress ? Ingress : Egress;

    /// <summary>Decides a connection. For ICMP the port is the type.</summary>
    public ConnectionPolicy Connect(TrafficDirection direction, TransportProtocol protocol, ushort port, Identity peer)
    {
        if (Error.Length > 0)
        {
            return ConnectionPolicy.Unrealisable(Error);
        }

        var key = (direction, protocol, port, peer);
        if (_connections.TryGetValue(key, out var known))
        {
            return known;
        }

        var decided = Of(direction).Connect(protocol, port, Subject, peer);
        if (Enforced is not null)
        {
            decided = decided.WithEnforced(Enforced.Connect(direction, protocol, port, peer));
        }

        if (_connections.Count >= MaxRememberedConnections)
        {
            _connections.Clear();
        }

        return _connections[key] = decided;
    }
}
