using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>One rule part after compilation, before merging: selectors x one port key (semantics 2.5, 4.1). Immutable, independent of the subject.</summary>
internal sealed record CompiledEntry(IReadOnlyList<PeerSelector> Selectors, PortKey Port, SelectorPolicy Policy);

/// <summary>One <c>ingress</c>/<c>egress</c>/deny element after compilation. It counts for default deny even when it has no entries (semantics 3.2).</summary>
internal sealed record CompiledDirectionRule(RuleOrigin Origin, IReadOnlyList<CompiledEntry> Entries);

/// <summary>One rule of a policy after compilation (semantics 1.2).</summary>
internal sealed record CompiledRule
{
    public required RuleOrigin Origin { get; init; }

    public required LabelSelector Subject { get; init; }

    /// <summary>Namespace the rule is limited to; null for clusterwide policies.</summary>
    public required string? Namespace { get; init; }

    /// <summary>A nodeSelector rule; never selects workloads (semantics 2.4).</summary>
    public required bool SelectsNodes { get; init; }

    public required bool Audit { get; init; }

    /// <summary>Why this rule cannot be put in force although it is valid; empty for most. The subjects it selects are denied everything.</summary>
    public string Error { get; init; } = string.Empty;

    public required CompiledDirection Ingress { get; init; }

    public required CompiledDirection Egress { get; init; }

    public CompiledDirection Of(TrafficDirection direction) => direction == TrafficDirection.Ingress ? Ingress : Egress;

    public bool Selects(Identity subject) =>
        subject.IsHost == SelectsNodes
        && (Namespace is null || subject.Namespace == Namespace)
        && Subject.Selects(subject);
}

/// <summary>One direction of a rule.</summary>
internal sealed record CompiledDirection(IReadOnlyList<CompiledDirectionRule> Rules, bool DefaultDeny);
