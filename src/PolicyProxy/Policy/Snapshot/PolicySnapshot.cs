using System.Collections.Concurrent;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>Compiled policies: opaque, immutable, thread-safe. Published whole.</summary>
public sealed class PolicySnapshot
{
    /// <summary>Realised subjects kept; a sidecar has one, a library host a few. More start over.</summary>
    private const int MaxSubjects = 4_096;

    private readonly ConcurrentDictionary<Identity, EndpointPolicy> _endpoints = new();
    private readonly Func<Identity, EndpointPolicy> _realise;

    internal PolicySnapshot(ulong revision, IReadOnlyList<CompiledRule> rules, int policyCount, IdentityScope scope, Func<Identity, EndpointPolicy> realise)
    {
        Revision = revision;
        PolicyCount = policyCount;
        Rules = rules;
        Scope = scope;
        _realise = realise;
    }

    /// <summary>Grows by one with every successful compilation of an engine; reported in flows.</summary>
    public ulong Revision { get; }

    /// <summary>Number of policy objects.</summary>
    public int PolicyCount { get; }

    internal IReadOnlyList<CompiledRule> Rules { get; }

    internal IdentityScope Scope { get; }

    /// <summary>The secrets that came with the policies, for TLS contexts.</summary>
    internal IReadOnlyList<TlsSecretItems> Secrets { get; init; } = [];

    /// <summary>The realised policy of a subject; computed once.</summary>
    internal EndpointPolicy For(Identity subject)
    {
        if (_endpoints.TryGetValue(subject, out var known))
        {
            return known;
        }

        if (_endpoints.Count >= MaxSubjects)
        {
            _endpoints.Clear();
        }

        return _endpoints.GetOrAdd(subject, _realise);
    }
}
