using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Translates a Kubernetes NetworkPolicy into the rule Cilium makes of it (semantics 1.12).</summary>
internal static class NetworkPolicyTranslator
{
    private const string Source = "k8s:";
    private const string NamespaceKey = "io.kubernetes.pod.namespace";
    private const string NamespaceLabelPrefix = "io.cilium.k8s.namespace.labels.";
    private const string ClusterKey = "io.cilium.k8s.policy.cluster";

    public static PolicyRule Translate(NetworkPolicySpec spec, string ns, string clusterName)
    {
        var ingress = spec.Ingress.SelectMany(r => Rules(r, ns, clusterName)).ToList();
        var egress = spec.Egress.SelectMany(r => Rules(r, ns, clusterName)).ToList();
        var namesIngress = spec.PolicyTypes.Contains("Ingress");
        var namesEgress = spec.PolicyTypes.Contains("Egress");

        // policyTypes only matters where a direction has no rules: it isolates that direction.
        if (ingress.Count == 0 && (namesIngress || !namesEgress))
        {
            ingress.Add(Placeholder(spec.Span, "spec.ingress"));
        }

        if (egress.Count == 0 && namesEgress)
        {
            egress.Add(Placeholder(spec.Span, "spec.egress"));
        }

        return new PolicyRule
        {
            Path = "spec",
            Span = spec.Span,
            EndpointSelector = ForcedNamespace(Prefixed(spec.PodSelector, Source), ns),
            Ingress = ingress,
            Egress = egress,
            DefaultDenyIngress = true,
            DefaultDenyEgress = true,
            SelectorsAreScoped = true,
        };
    }

    private static DirectionRule Placeholder(SourceSpan span, string path) => new() { Path = path, Span = span, Endpoints = [] };

    /// <summary>One rule per peer, all with the same ports.</summary>
    private static IEnumerable<DirectionRule> Rules(NetworkPolicyRule rule, string ns, string clusterName)
    {
        IReadOnlyList<PortRule>? ports = rule.Ports.Count == 0
            ? null
            : [.. rule.Ports.Select((p, i) => new PortRule { Path = $"{rule.Path}.ports[{i}]", Span = p.Span, Ports = [p] })];
        var unrestricted = new DirectionRule { Path = rule.Path, Span = rule.Span, ToPorts = ports };
        return rule.Peers.Count == 0
            ? [unrestricted with { Entities = [new Located<string>("all", rule.Span)] }]
            : rule.Peers.Select(peer => peer.IpBlock is { } block
                ? unrestricted with { Span = peer.Span, CidrSets = [block] }
                : unrestricted with { Span = peer.Span, Endpoints = [PeerSelector(peer, ns, clusterName)] });
    }

    private static SelectorSpec PeerSelector(NetworkPolicyPeer peer, string ns, string clusterName)
    {
        var pods = Prefixed(peer.PodSelector ?? new SelectorSpec(peer.Span), Source);
        var selector = peer.NamespaceSelector is { } namespaces ? AnyOf(namespaces, pods) : ForcedNamespace(pods, ns);
        return MentionsCluster(pods)
            ? selector
            : selector with { MatchLabels = [.. selector.MatchLabels, Label(peer.Span, Source + ClusterKey, clusterName)] };
    }

    /// <summary>Namespace labels AND pod labels. A namespace selector without requirement still asks for a namespace, so it never selects host or world.</summary>
    private static SelectorSpec AnyOf(SelectorSpec namespaces, SelectorSpec pods)
    {
        var prefixed = Prefixed(namespaces, Source + NamespaceLabelPrefix);
        IReadOnlyList<MatchExpression> expressions = prefixed.MatchLabels.Count + prefixed.MatchExpressions.Count > 0
            ? prefixed.MatchExpressions
            : [Exists(namespaces.Span, Source + NamespaceKey)];
        return new SelectorSpec(namespaces.Span)
        {
            MatchLabels = [.. prefixed.MatchLabels, .. pods.MatchLabels],
            MatchExpressions = [.. expressions, .. pods.MatchExpressions],
        };
    }

    private static SelectorSpec ForcedNamespace(SelectorSpec selector, string ns) => selector with
    {
        MatchLabels = [.. selector.MatchLabels.Where(static l => l.Key.Value != Source + NamespaceKey), Label(selector.Span, Source + NamespaceKey, ns)],
    };

    private static SelectorSpec Prefixed(SelectorSpec selector, string prefix) => selector with
    {
        MatchLabels = [.. selector.MatchLabels.Select(l => l with { Key = l.Key with { Value = prefix + l.Key.Value } })],
        MatchExpressions = [.. selector.MatchExpressions.Select(e => e with { Key = e.Key with { Value = prefix + e.Key.Value } })],
    };

    private static bool MentionsCluster(SelectorSpec pods) =>
        pods.MatchLabels.Any(static l => l.Key.Value == Source + ClusterKey) ||
        pods.MatchExpressions.Any(static e => e.Key.Value == Source + ClusterKey);

    private static MatchLabel Label(SourceSpan span, string key, string value) => new(new Located<string>(key, span), new Located<string>(value, span));

    private static MatchExpression Exists(SourceSpan span, string key) =>
        new(span, new Located<string>(key, span), new Located<string>("Exists", span), []);
}
