using System.Net;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>One end of a flow. A pod or node has labels only; an outside address has <see cref="Address"/> as well.</summary>
/// <param name="Labels">All security labels, reserved ones included, but without <c>cidr:</c> and <c>fqdn:</c> labels.</param>
internal sealed record FlowParty(LabelSet Labels)
{
    /// <summary>Address outside of the cluster; null for pods and nodes, which CIDR rules never select (semantics 2.7).</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Names whose DNS answers contained <see cref="Address"/>.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>Container ports.</summary>
    public IReadOnlyList<NamedPort> NamedPorts { get; init; } = [];

    /// <summary>True if the label <c>reserved:NAME</c> is present.</summary>
    public bool Is(string reservedName) => Labels.Contains("reserved", reservedName);
}
