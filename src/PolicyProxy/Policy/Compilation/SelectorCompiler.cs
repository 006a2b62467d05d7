using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation;

/// <summary>Turns selectors as written into normalised ones, with namespace and cluster scope (semantics 2.1, 2.4).</summary>
internal static class SelectorCompiler
{
    /// <summary>The requirements of a selector as written; keys without source become <paramref name="defaultSource"/>.</summary>
    public static List<LabelRequirement> Requirements(SelectorSpec selector, string defaultSource = Label.AnySource)
    {
        var requirements = new List<LabelRequirement>();
        foreach (var label in selector.MatchLabels)
        {
            var (source, key) = SplitKey(label.Key.Value, defaultSource);
            requirements.Add(new LabelRequirement(source, key, LabelOperator.In, [label.Value.Value]));
        }

        foreach (var expression in selector.MatchExpressions)
        {
            var (source, key) = SplitKey(expression.Key.Value, defaultSource);
            var op = Enum.Parse<LabelOperator>(expression.Operator.Value);
            requirements.Add(new LabelRequirement(source, key, op, expression.Values.Select(v => v.Value)));
        }

        return requirements;
    }

    /// <summary>The subject selector of a rule: limited to the policy's namespace (semantics 2.4).</summary>
    public static LabelSelector Subject(SelectorSpec selector, PolicyDocument document, bool isScoped)
    {
        if (document.Namespace is not { } space || isScoped)
        {
            return new LabelSelector(Requirements(selector));
        }

        // A k8s: namespace label is overwritten. An unprefixed one and an expression stay, so that a wrong namespace selects nothing (edge case 14).
        const string written = $"{Label.KubernetesSource}:{ReservedLabels.NamespaceKey}";
        var requirements = Requirements(selector with { MatchLabels = [.. selector.MatchLabels.Where(static l => l.Key.Value != written)] });
        requirements.Add(Namespace(space));
        return new LabelSelector(requirements);
    }

    /// <summary>A peer selector in its scope: own namespace, or any namespace for clusterwide policies, and the local cluster (semantics 2.4).</summary>
    public static LabelSelector Peer(SelectorSpec selector, PolicyDocument document, PolicyRule rule, string clusterName)
    {
        var requirements = Requirements(selector);
        if (rule.SelectorsAreScoped || requirements.Any(r => r.Source == Label.ReservedSource))
        {
            return new LabelSelector(requirements);
        }

        if (!requirements.Any(IsNamespaceKey))
        {
            if (document.Namespace is { } space)
            {
                if (!requirements.Any(r => IsKubernetes(r) && r.Key.StartsWith(ReservedLabels.NamespaceLabelPrefix, StringComparison.Ordinal)))
                {
                    requirements.Add(Namespace(space));
                }
            }
            else if (!SelectsInit(rule))
            {
                requirements.Add(new LabelRequirement(Label.KubernetesSource, ReservedLabels.NamespaceKey, LabelOperator.Exists, []));
            }
        }

        AddCluster(requirements, clusterName);
        return new LabelSelector(requirements);
    }

    /// <summary>A selector of other nodes (semantics 2.4).</summary>
    public static LabelSelector Nodes(SelectorSpec selector, string clusterName)
    {
        var requirements = Requirements(selector);
        requirements.Add(new LabelRequirement(Label.ReservedSource, ReservedLabels.RemoteNode, LabelOperator.Exists, []));
        AddCluster(requirements, clusterName);
        return new LabelSelector(requirements);
    }

    private static (string Source, string Key) SplitKey(string key, string defaultSource)
    {
        if (key.StartsWith('$'))
        {
            return (Label.ReservedSource, key[1..]);
        }

        var colon = key.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (defaultSource, key) : (key[..colon], key[(colon + 1)..]);
    }

    private static LabelRequirement Namespace(string name) =>
        new(Label.KubernetesSource, ReservedLabels.NamespaceKey, LabelOperator.In, [name]);

    private static void AddCluster(List<LabelRequirement> requirements, string clusterName)
    {
        if (!requirements.Any(r => IsKubernetes(r) && r.Key == ReservedLabels.ClusterKey))
        {
            requirements.Add(new LabelRequirement(Label.KubernetesSource, ReservedLabels.ClusterKey, LabelOperator.In, [clusterName]));
        }
    }

    private static bool IsNamespaceKey(LabelRequirement requirement) =>
        IsKubernetes(requirement) && requirement.Key == ReservedLabels.NamespaceKey;

    private static bool IsKubernetes(LabelRequirement requirement) =>
        requirement.Source is Label.KubernetesSource or Label.AnySource;

    private static bool SelectsInit(PolicyRule rule) =>
        rule.EndpointSelector is { } subject
        && Requirements(subject).Any(r => r.Source == Label.ReservedSource && r.Key == ReservedLabels.Init);
}
