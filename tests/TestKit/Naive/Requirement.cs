using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>One requirement of a label selector (semantics 2.2). Source <c>any</c> stands for every source.</summary>
internal sealed record Requirement(string Source, string Key, string Operator, IReadOnlyList<string> Values)
{
    public const string Namespace = "io.kubernetes.pod.namespace";
    public const string NamespaceLabels = "io.cilium.k8s.namespace.labels.";
    public const string Cluster = "io.cilium.k8s.policy.cluster";

    /// <summary>The selector's requirements; keys without a source get <paramref name="defaultSource"/>.</summary>
    public static List<Requirement> ReadAll(SelectorSpec selector, string defaultSource) =>
    [
        .. selector.MatchLabels.Select(l => Create(l.Key.Value, defaultSource, "In", [l.Value.Value])),
        .. selector.MatchExpressions.Select(e =>
            Create(e.Key.Value, defaultSource, e.Operator.Value, [.. e.Values.Select(v => v.Value)])),
    ];

    public static Requirement Equal(string source, string key, string value) => new(source, key, "In", [value]);

    public static Requirement Exists(string source, string key) => new(source, key, "Exists", []);

    /// <summary>True if the key belongs to Kubernetes, as far as scoping is concerned (semantics 2.4).</summary>
    public bool IsKubernetesKey => Source is "k8s" or "any";

    public bool Holds(LabelSet labels)
    {
        foreach (var label in labels.Labels)
        {
            if (label.Key == Key && (Source == "any" || Source == label.Source))
            {
                // semantics 2.1: of several labels with the key only the first counts
                return Operator switch
                {
                    "In" => Values.Contains(label.Value),
                    "NotIn" => !Values.Contains(label.Value),
                    "Exists" => true,
                    _ => false,
                };
            }
        }

        return Operator is "NotIn" or "DoesNotExist";
    }

    public override string ToString() => $"{Source}:{Key} {Operator} ({string.Join(',', Values.Order(StringComparer.Ordinal))})";

    private static Requirement Create(string key, string defaultSource, string @operator, IReadOnlyList<string> values)
    {
        if (key.StartsWith('$'))
        {
            return new Requirement("reserved", key[1..], @operator, values);
        }

        var colon = key.IndexOf(':');
        return colon < 0
            ? new Requirement(defaultSource, key, @operator, values)
            : new Requirement(key[..colon], key[(colon + 1)..], @operator, values);
    }
}
