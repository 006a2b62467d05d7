using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Policy.Compilation;

/// <summary>When policies are in force (Cilium's <c>enable-policy</c>, semantics 3.1).</summary>
public enum EnforcementMode
{
    /// <summary>A subject is open in a direction until a policy selects it there.</summary>
    Default = 0,

    /// <summary>Every subject is under default deny in both directions.</summary>
    Always,

    /// <summary>Nothing is enforced.</summary>
    Never,
}

/// <summary>Cluster-wide settings that change what policies mean. Immutable.</summary>
public sealed record PolicyCompilerOptions
{
    /// <summary>See <see cref="EnforcementMode"/>. Default: <see cref="EnforcementMode.Default"/>, Cilium's default.</summary>
    public EnforcementMode Enforcement { get; init; } = EnforcementMode.Default;

    /// <summary>Name of the local cluster; peers without a cluster label are limited to it. Default <c>default</c>, Cilium's default.</summary>
    public string ClusterName { get; init; } = "default";

    /// <summary>
    /// True reproduces Cilium where it fails open and we do not (design D2): empty <c>toServices</c>, <c>toGroups</c> and
    /// <c>toFQDNs</c> lists select everything. Kafka requests are judged as a whole and roles stand for its lists (ADR-0010). Default false.
    /// </summary>
    public bool CiliumCompatible { get; init; }

    /// <summary>
    /// What <c>toFQDNs</c> is true to. Default <see cref="FqdnBinding.Cilium"/>: a policy means what it means in a cluster.
    /// </summary>
    public FqdnBinding FqdnBinding { get; init; } = FqdnBinding.Cilium;

    /// <summary>How long learned names stand, and how many; by default what goes with <see cref="FqdnBinding"/>.</summary>
    internal FqdnOptions Learning
    {
        get => field ?? (FqdnBinding == FqdnBinding.Strict ? FqdnOptions.Strict : FqdnOptions.Cilium);
        init;
    }

    /// <summary>True drops unknown fields with a warning, as the Kubernetes API server does; false (default) refuses the object.</summary>
    public bool IgnoreUnknownFields { get; init; }

    /// <summary>Subjects whose policy is realised at compile time, so that conflicts are reported then and not at the first connection.</summary>
    public IReadOnlyList<LabelSet> Subjects { get; init; } = [];
}
