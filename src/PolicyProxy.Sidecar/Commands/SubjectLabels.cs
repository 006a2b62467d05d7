using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>Labels of a workload from <c>--labels</c> and <c>--namespace</c>.</summary>
internal static class SubjectLabels
{
    /// <summary>A namespace among the labels wins: of equal keys the set keeps the last.</summary>
    public static LabelSet Parse(string labels, string ns) =>
        new([new Label(Label.KubernetesSource, ReservedLabels.NamespaceKey, ns), .. LabelSet.Parse(labels).Labels]);
}
