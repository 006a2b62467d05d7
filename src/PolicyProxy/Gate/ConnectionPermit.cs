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
    internal bool ServerNameAllowed;

    /// <summary>What the address admits without regard to names, if the verdict depends on the name that is shown; null if it does not.</summary>
    internal ConnectionPolicy? Unnamed;

    /// <summary>Stands for the rules the permit was last judged by: the same object, the same rules.</summary>
    internal readonly object? Rules => Policy;

    /// <summary>What has to be inspected before bytes may pass; meaningless when <see cref="IsAllowed"/> is false.</summary>
    public readonly L7Kind Kind => Policy switch
    {
        null => L7Kind.None,
        { Enforced.Kind: not L7Kind.None and var enforced } => enforced,

        // Rules that are only audited are looked at, so that the flow can say what they would do.
        { Kind: not L7Kind.None and var kind } => kind,
        _ => Unnamed is null ? L7Kind.None : L7Kind.Name,
    };

    /// <summary>True if no verdict on the connection, audited ones included, depends on a TLS server name.</summary>
    internal readonly bool AllowsWithoutServerName =>
        Policy is { AllowsWithoutServerName: true, Enforced: null or { AllowsWithoutServerName: true } };

    /// <summary>True if the connection may be used (with requests judged when <see cref="Kind"/> says so).</summary>
    public readonly bool IsAllowed => Verdict.Allowed;

    /// <summary>True if a TLS context may apply to the connection, which then does not simply pass.</summary>
    internal readonly bool HasTlsContext => Policy is { HasTlsContext: true } or { Enforced.HasTlsContext: true };

    /// <summary>The name in <see cref="ConnectionTuple.TlsServer"/>; empty for an address.</summary>
    internal readonly ReadOnlySpan<char> TlsName => HostName.Of(Tuple.TlsServer);

    /// <summary>The verdict on the connection.</summary>
    public readonly Verdict Verdict
    {
        get
        {
            if (Policy is null)
            {
                return default;
            }

            var full = Authenticated(Policy);
            return Apply(Policy.Enforced is { } enforced ? Authenticated(enforced) : full, full);
        }
    }

    /// <summary>Revision of the policy this permit was last judged by; 0 for <c>default</c>.</summary>
    public readonly ulong Revision => State?.Policy.Revision ?? 0;

    /// <summary>Identity of the peer as resolved; null for <c>default</c>.</summary>
    public readonly Identity? PeerIdentity => Peer;

    /// <summary>Judges the connection by these snapshots; null denies.</summary>
    internal void JudgeBy(EngineState? state)
    {
        State = state;
        Policy = null;
        Peer = null;
        Unnamed = null;
        if (state is null || Tuple.Subject is null)
        {
            return;
        }

        Peer = Tuple.Peer ?? (Tuple.PeerAddress is { } address ? state.Identities.Resolve(address.Address) : null);
        if (Peer is not null)
        {
            Policy = PolicyOf(state, Peer);
            if ((state.BindsNames || Tuple.BindsNames) && Peer.Names is { } names && Tuple.Direction == TrafficDirection.Egress)
            {
                BindTo(PolicyOf(state, names.Unnamed));
            }
        }
    }

    /// <summary>What applies to a request or handshake that shows this name; the name's rules only, and none if no answer gave the address for it.</summary>
    /// <param name="name">Lower case, without a final dot.</param>
    internal readonly ConnectionPolicy PolicyFor(ReadOnlySpan<char> name)
    {
        if (Unnamed is null || State is null || Peer?.Names is not { } names || Tuple.PeerAddress is not { } address)
        {
            return Unnamed!;
        }

        return State.Identities.FindLearned(address.Address)?.HasName(name) == true ? PolicyOf(State, names.Narrow(Peer, name)) : Unnamed;
    }

    /// <summary>
    /// True if policy looks at both connections in the same way, so that a verdict on one is a verdict on the other. Where names count it does
    /// not: the address does, too, since an answer has to have given it.
    /// </summary>
    internal readonly bool IsSameAs(in ConnectionPermit other) =>
        ReferenceEquals(Policy, other.Policy) && ReferenceEquals(Peer, other.Peer) && Unnamed is null && other.Unnamed is null;

    /// <summary>
    /// True if some rule that admits the connection speaks of the peer itself: by a network no wider than the one given, or as an entity or by
    /// labels. Rules for names, for everything, or for all of the world do not.
    /// </summary>
    internal readonly bool IsOpenedWithin(in IpPrefix network)
    {
        if (Peer is null || (Policy?.Enforced ?? Policy) is not { } policy)
        {
            return false;
        }

        foreach (var entry in policy.Covering)
        {
            if (!entry.Policy.Deny && entry.Selector.SpeaksOf(Peer, network))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Combines what the enforced policies say with what all policies, audited ones included, would say.</summary>
    internal readonly Verdict Apply(in Verdict enforced, in Verdict full)
    {
        if (!enforced.Allowed)
        {
            return Tuple.Audit ? enforced.AsAudit() : enforced;
        }

        return full.Allowed ? enforced : full.AsAudit();
    }

    private readonly ConnectionPolicy PolicyOf(EngineState state, Identity peer) =>
        state.Policy.For(Tuple.Subject).Connect(Tuple.Direction, Tuple.Protocol, Tuple.Port, peer);

    // Where the address alone is admitted as it is, and nothing has to be looked at, names cannot change anything.
    private void BindTo(ConnectionPolicy unnamed)
    {
        var isOpen = unnamed is { Admitted: true, Kind: L7Kind.None, IsSimple: true } && Policy is { Kind: L7Kind.None, IsSimple: true };
        Unnamed = Policy!.DependsOnName && !isOpen ? unnamed : null;
    }

    private readonly Verdict Authenticated(ConnectionPolicy policy) =>
        policy.Verdict.Allowed && policy.Authentication is AuthenticationMode.Required or AuthenticationMode.TestAlwaysFail && !IsAuthenticated(policy)
            ? new Verdict(false, VerdictReason.AuthenticationRequired, policy.Verdict.Rule)
            : policy.Verdict;

    private readonly bool IsAuthenticated(ConnectionPolicy policy) =>
        policy.Authentication == AuthenticationMode.Required && Tuple.PeerIsAuthenticated;
}
