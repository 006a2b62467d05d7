namespace PolicyProxy.Policy.Identities;

/// <summary>
/// Who a peer or a subject is: an interned label set with a number. Policies match identities, never addresses (semantics 2.3).
/// Immutable; one object per label set and table, so references can be compared.
/// </summary>
public sealed class Identity
{
    internal Identity(uint id, LabelSet labels, IpPrefix? cidr, IReadOnlyList<Model.NamedPort> namedPorts)
    {
        Id = id;
        Labels = labels;
        Cidr = cidr;
        NamedPorts = namedPorts;
        Namespace = labels.Find(Label.KubernetesSource, ReservedLabels.NamespaceKey);
        IsHost = labels.Contains(Label.ReservedSource, ReservedLabels.Host);
        IsInit = labels.Contains(Label.ReservedSource, ReservedLabels.Init);
        IsWorld = labels.Contains(Label.ReservedSource, ReservedLabels.World)
            || labels.Contains(Label.ReservedSource, ReservedLabels.WorldIpv4)
            || labels.Contains(Label.ReservedSource, ReservedLabels.WorldIpv6);
    }

    /// <summary>Number as Hubble shows it: reserved below 256, workloads from 256, outside addresses from 16777217.</summary>
    public uint Id { get; }

    /// <summary>The labels.</summary>
    public LabelSet Labels { get; }

    /// <summary>Namespace of a workload; null for every other identity.</summary>
    public string? Namespace { get; }

    /// <summary>Most specific prefix of the policies that contains an outside address; null for workloads and nodes.</summary>
    internal IpPrefix? Cidr { get; }

    /// <summary>Container ports of the workload, for rules with port names.</summary>
    internal IReadOnlyList<Model.NamedPort> NamedPorts { get; }

    /// <summary>The DNS selectors behind the labels of a learned address; null for every other identity.</summary>
    internal Learning.IdentityNames? Names { get; init; }

    internal bool IsHost { get; }

    internal bool IsInit { get; }

    internal bool IsWorld { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Id} [{Labels.Text}]";
}
