using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>Compiled policies: opaque, immutable, thread-safe. Published whole.</summary>
public sealed class PolicySnapshot
{
    internal PolicySnapshot(ulong revision, int policyCount)
    {
        Revision = revision;
        PolicyCount = policyCount;
    }

    /// <summary>Grows by one with every successful compilation of an engine; reported in flows.</summary>
    public ulong Revision { get; }

    /// <summary>Number of policy objects.</summary>
    public int PolicyCount { get; }

    internal EndpointPolicy For(Identity subject)
    {
        _ = subject;
        return new EndpointPolicy();
    }
}
