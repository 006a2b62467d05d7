using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary><c>spec</c> of a Kubernetes NetworkPolicy before translation.</summary>
internal sealed record NetworkPolicySpec(SourceSpan Span, SelectorSpec PodSelector)
{
    public IReadOnlyList<string> PolicyTypes { get; init; } = [];

    public IReadOnlyList<NetworkPolicyRule> Ingress { get; init; } = [];

    public IReadOnlyList<NetworkPolicyRule> Egress { get; init; } = [];
}

/// <summary>One element of ingress or egress. Empty peers = everybody; empty ports = every port and protocol.</summary>
internal sealed record NetworkPolicyRule(SourceSpan Span, string Path)
{
    public IReadOnlyList<NetworkPolicyPeer> Peers { get; init; } = [];

    public IReadOnlyList<PortProtocol> Ports { get; init; } = [];
}

/// <summary>One peer: an address block, or selectors.</summary>
internal sealed record NetworkPolicyPeer(SourceSpan Span, SelectorSpec? PodSelector, SelectorSpec? NamespaceSelector, CidrRule? IpBlock);
