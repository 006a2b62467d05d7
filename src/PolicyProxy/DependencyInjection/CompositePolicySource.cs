using PolicyProxy.Policy.Sources;

namespace PolicyProxy.DependencyInjection;

/// <summary>Several sources as one input: objects and diagnostics in the order of registration. A change of one is a change of all.</summary>
internal sealed class CompositePolicySource(IReadOnlyList<IPolicySource> sources) : IPolicySource
{
    public PolicyInput GetPolicies() => PolicyInputs.Join([.. sources.Select(static source => source.GetPolicies())]);
}
