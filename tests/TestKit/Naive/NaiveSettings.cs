using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>What surrounds the policies: cluster settings and the objects that rules refer to.</summary>
internal sealed record NaiveSettings
{
    public string ClusterName { get; init; } = "default";

    public EnforcementMode Enforcement { get; init; } = EnforcementMode.Default;

    /// <summary>True: empty <c>toServices</c>, <c>toGroups</c>, <c>toFQDNs</c> count as absent (semantics 2.5); false: they select nobody.</summary>
    public bool CiliumCompatible { get; init; }

    public IReadOnlyList<CidrGroup> CidrGroups { get; init; } = [];

    public IReadOnlyList<KubernetesService> Services { get; init; } = [];

    /// <summary>Secrets as text: values by namespace/name/key.</summary>
    public IReadOnlyList<SecretObject> Secrets { get; init; } = [];
}
