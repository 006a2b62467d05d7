using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Identities;

/// <summary>The labels Cilium gives to workloads on top of their own (semantics 2.3).</summary>
internal static class WorkloadLabels
{
    private const string DefaultNamespace = "default";

    public static LabelSet Of(InventoryPod pod, string localCluster, Func<string, IReadOnlyDictionary<string, string>?> namespaceLabels)
    {
        var labels = new List<Label>(pod.Labels.Select(l => new Label(Label.KubernetesSource, l.Key, l.Value)))
        {
            new(Label.KubernetesSource, ReservedLabels.NamespaceKey, pod.Namespace),
            new(Label.KubernetesSource, ReservedLabels.ClusterKey, pod.Cluster ?? localCluster),
        };
        if (pod.ServiceAccount is { Length: > 0 } account)
        {
            labels.Add(new Label(Label.KubernetesSource, ReservedLabels.ServiceAccountKey, account));
        }

        return Complete(new LabelSet(labels), localCluster, namespaceLabels);
    }

    /// <summary>Adds namespace, namespace labels and cluster where they are missing; reserved identities stay as they are.</summary>
    public static LabelSet Complete(LabelSet labels, string localCluster, Func<string, IReadOnlyDictionary<string, string>?> namespaceLabels)
    {
        if (labels.Labels.Any(l => l.Source == Label.ReservedSource))
        {
            return labels;
        }

        var space = labels.Find(Label.KubernetesSource, ReservedLabels.NamespaceKey) ?? DefaultNamespace;
        var added = new List<Label>
        {
            new(Label.KubernetesSource, ReservedLabels.NamespaceKey, space),
            new(Label.KubernetesSource, ReservedLabels.ClusterKey, localCluster),
            new(Label.KubernetesSource, ReservedLabels.NamespaceLabelPrefix + ReservedLabels.NamespaceNameKey, space),
        };
        foreach (var (key, value) in namespaceLabels(space) ?? new Dictionary<string, string>())
        {
            added.Add(new Label(Label.KubernetesSource, ReservedLabels.NamespaceLabelPrefix + key, value));
        }

        // What the caller gave wins: of equal keys LabelSet keeps the last.
        return new LabelSet(added.Concat(labels.Labels));
    }
}
