using PolicyProxy.Policy.Model;
using PolicyProxy.TestKit.Generation;
using PolicyProxy.TestKit.Judges;

namespace PolicyProxy.Tests.Differential;

public sealed class DifferentialTests
{
    private const int Cases = 50_000;

    [Fact]
    public void Engine_random_policies_and_flows_agrees_with_naive_evaluator()
    {
        var run = new DifferentialRun(seed: 20_261);

        var difference = run.Run(Cases);

        Assert.True(difference is null, difference);
        Assert.Equal(0, run.Counts.RejectedPolicies);
        Assert.InRange(run.Counts.Allowed, Cases * 3 / 10, Cases * 7 / 10);
        Assert.True(run.Counts.L7Allowed > Cases / 20 && run.Counts.L7Denied > Cases / 20, $"too few requests were judged: {run.Counts}");
    }

    [Fact]
    public void Differential_run_judge_that_forgets_deny_rules_is_caught_with_a_small_case()
    {
        var run = new DifferentialRun(seed: 7, static (objects, options) => new NaiveJudge(objects with { Policies = [.. objects.Policies.Select(Forgetful)] }, options));

        var difference = run.Run(Cases);

        Assert.NotNull(difference);
        Assert.Contains("gressDeny:", difference);
        Assert.InRange(difference.Split('\n').Count(l => l.StartsWith("kind:", StringComparison.Ordinal)), 1, 2);
        Assert.DoesNotContain("rules:", difference);
    }

    [Fact]
    public void Generated_case_same_seed_is_the_same_case()
    {
        var one = GeneratedCase.Create(99, flows: 50);
        var again = GeneratedCase.Create(99, flows: 50);

        Assert.Equal(one.Policies.Select(p => p.ToJsonString()), again.Policies.Select(p => p.ToJsonString()));
        Assert.Equal(one.Flows.Select(FlowText.Write), again.Flows.Select(FlowText.Write));
    }

    private static PolicyDocument Forgetful(PolicyDocument policy) => policy with
    {
        Rules = [.. policy.Rules.Select(r => r with
        {
            IngressDeny = [.. r.IngressDeny.Select(d => d with { Endpoints = [], Entities = null, Cidrs = null, CidrSets = null, Services = null, Groups = null })],
            EgressDeny = [.. r.EgressDeny.Select(d => d with { Endpoints = [], Entities = null, Cidrs = null, CidrSets = null, Services = null, Groups = null })],
        })],
    };
}
