using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>The two snapshots every judgement reads, published together so that they always belong to each other.</summary>
internal sealed record EngineState(PolicySnapshot Policy, IdentitySnapshot Identities)
{
    /// <summary>True if what <c>toFQDNs</c> admits is judged by the name it shows (<see cref="FqdnBinding.Strict"/>).</summary>
    public bool BindsNames { get; init; }
}
