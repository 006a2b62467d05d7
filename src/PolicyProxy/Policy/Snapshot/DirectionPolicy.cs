using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>One selector on one port key after merging: what the engine compares at connection time (semantics 4.4). Immutable.</summary>
internal sealed record PolicyMapEntry(PortKey Port, PeerSelector Selector, SelectorPolicy Policy, bool DefaultTier)
{
    /// <summary>Of all entries that cover a connection the highest decides.</summary>
    public int Precedence =>
        Snapshot.Precedence.Of(Policy.Deny, Policy.Parser, Policy.Listener?.Priority ?? 0, DefaultTier);

    public bool Covers(TransportProtocol protocol, ushort port, Identity peer, Identity portOwner) =>
        Port.Covers(protocol, port, portOwner) && Selector.Selects(peer);
}

/// <summary>All policy of one subject in one direction. Immutable.</summary>
internal sealed class DirectionPolicy
{
    /// <summary>The policy of a direction nobody selects.</summary>
    public static DirectionPolicy Open { get; } = new(TrafficDirection.Unknown, isEnforced: false, isDefaultDeny: false, [], []);

    private readonly PolicyMapEntry[] _entries;

    public DirectionPolicy(
        TrafficDirection direction,
        bool isEnforced,
        bool isDefaultDeny,
        IEnumerable<PolicyMapEntry> entries,
        IReadOnlyList<RuleOrigin> selecting)
    {
        Direction = direction;
        IsEnforced = isEnforced;
        IsDefaultDeny = isDefaultDeny;
        Selecting = selecting;

        // Stable: among equals the policy order stays.
        _entries = [.. entries.OrderByDescending(e => e.Precedence).ThenByDescending(e => e.Port.Specificity).ThenBy(e => e.Selector.IsWildcard)];
    }

    public TrafficDirection Direction { get; }

    public bool IsEnforced { get; }

    public bool IsDefaultDeny { get; }

    /// <summary>True where Kafka requests are judged exactly as Cilium does (<see cref="Compilation.PolicyCompilerOptions.CiliumCompatible"/>).</summary>
    public bool IsCiliumCompatible { get; init; }

    /// <summary>The rules that put this direction under policy, for reports.</summary>
    public IReadOnlyList<RuleOrigin> Selecting { get; }

    /// <summary>Entries, the deciding one first.</summary>
    public IReadOnlyList<PolicyMapEntry> Entries => _entries;

    /// <summary>Decides a connection (semantics 4.4, 4.6, 4.7).</summary>
    public ConnectionPolicy Connect(TransportProtocol protocol, ushort port, Identity subject, Identity peer)
    {
        if (!IsEnforced)
        {
            return ConnectionPolicy.NotEnforced;
        }

        var owner = Direction == TrafficDirection.Ingress ? subject : peer;
        var covering = Array.FindAll(_entries, e => e.Covers(protocol, port, peer, owner));
        return covering.Length == 0 ? ConnectionPolicy.DefaultDeny(this) : ConnectionPolicy.Of(this, covering);
    }
}
