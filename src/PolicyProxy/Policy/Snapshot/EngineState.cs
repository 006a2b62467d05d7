using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>The two snapshots every judgement reads, published together so that they always belong to each other.</summary>
internal sealed record EngineState(PolicySnapshot Policy, IdentitySnapshot Identities);
