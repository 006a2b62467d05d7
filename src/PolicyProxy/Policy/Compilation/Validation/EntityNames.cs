using System.Collections.Frozen;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>The entities Cilium 1.20 knows (semantics 2.6). Case-sensitive.</summary>
internal static class EntityNames
{
    public static FrozenSet<string> All { get; } = FrozenSet.ToFrozenSet(
        [
            "all", "world", "world-ipv4", "world-ipv6", "cluster", "cluster-mesh", "host", "init", "ingress", "health", "unmanaged",
            "kube-apiserver", "remote-node", "none",
        ],
        StringComparer.Ordinal);

    /// <summary>Known to the policy code but missing in the schema of the resources.</summary>
    public static bool IsMissingInSchema(string name) => name is "world-ipv4" or "world-ipv6";
}
