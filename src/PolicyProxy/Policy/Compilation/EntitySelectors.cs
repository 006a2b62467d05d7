using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Compilation;

/// <summary>The selectors an entity stands for, OR-ed (semantics 2.6).</summary>
internal static class EntitySelectors
{
    private static readonly string[] ClusterMembers =
    [
        ReservedLabels.Host, ReservedLabels.RemoteNode, ReservedLabels.Init, ReservedLabels.Ingress, ReservedLabels.Health,
        ReservedLabels.Unmanaged, ReservedLabels.KubeApiServer,
    ];

    public static IEnumerable<PeerSelector> Of(string entity, string clusterName) => entity switch
    {
        "all" => [WildcardSelector.Instance],
        "world" => Reserved(ReservedLabels.World, ReservedLabels.WorldIpv4, ReservedLabels.WorldIpv6),
        "cluster" => Reserved(ClusterMembers).Append(Cluster(LabelOperator.In, Label.KubernetesSource, [clusterName])),
        "cluster-mesh" => Reserved(ClusterMembers).Append(Cluster(LabelOperator.Exists, Label.AnySource, [])),
        _ => Reserved(entity),
    };

    private static IEnumerable<PeerSelector> Reserved(params string[] keys) => keys.Select(LabelSelector.Reserved);

    private static LabelSelector Cluster(LabelOperator op, string source, string[] values) =>
        new([new LabelRequirement(source, ReservedLabels.ClusterKey, op, values)]);
}
