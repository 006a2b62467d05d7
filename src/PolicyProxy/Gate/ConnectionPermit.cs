using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Gate;

/// <summary>
/// The result of <see cref="PolicyGate.Connect"/>, needed to ask about requests. Keep it with the connection and pass it by
/// reference: the gate refreshes it when policy has moved on. Not thread-safe; one connection, one permit.
/// <c>default</c> denies everything.
/// </summary>
public struct ConnectionPermit
{
    internal EngineState? State;
    internal ConnectionPolicy? Policy;
    internal ConnectionTuple Tuple;
    internal Identity? Peer;

    /// <summary>What has to be inspected before bytes may pass; meaningless when <see cref="IsAllowed"/> is false.</summary>
    public readonly L7Kind Kind => Policy?.Kind ?? L7Kind.None;

    /// <summary>True if the connection may be used (with requests judged when <see cref="Kind"/> says so).</summary>
    public readonly bool IsAllowed => Policy is { Admitted: true };

    /// <summary>Revision of the policy this permit was last judged by; 0 for <c>default</c>.</summary>
    public readonly ulong Revision => State?.Policy.Revision ?? 0;

    /// <summary>Identity of the peer as resolved; null for <c>default</c>.</summary>
    public readonly Identity? PeerIdentity => Peer;
}
