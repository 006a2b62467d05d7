using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Judges;

/// <summary>Answers by the naive evaluator. Keeps the policy of each subject it was asked about; not thread-safe.</summary>
internal sealed class NaiveJudge : IFlowJudge
{
    private readonly NaivePolicies _policies;
    private readonly Dictionary<LabelSet, NaiveEndpoint> _endpoints = [];

    public NaiveJudge(PolicyObjects objects, PolicyCompilerOptions options) => _policies = new NaivePolicies(objects.Policies, new NaiveSettings
    {
        ClusterName = options.ClusterName,
        Enforcement = options.Enforcement,
        CiliumCompatible = options.CiliumCompatible,
        CidrGroups = objects.CidrGroups,
        Services = objects.Services,
        Secrets = objects.Secrets,
    });

    public FlowAnswer Judge(FlowQuestion flow)
    {
        if (!_endpoints.TryGetValue(flow.Subject.Labels, out var endpoint))
        {
            _endpoints[flow.Subject.Labels] = endpoint = _policies.For(flow.Subject);
        }

        return endpoint.Evaluate(flow);
    }

    public void Dispose()
    {
    }
}
