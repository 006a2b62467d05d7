using PolicyProxy.Gate;

namespace PolicyProxy.Policy.Snapshot;

internal sealed class EndpointPolicy
{
}

internal sealed class ConnectionPolicy
{
    public bool Admitted => Verdict.Allowed;

    public L7Kind Kind { get; init; }

    public Verdict Verdict { get; init; }
}

/// <summary>The two snapshots every judgement reads, published together.</summary>
internal sealed record EngineState(PolicySnapshot Policy);
