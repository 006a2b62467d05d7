using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Model;
using PolicyProxy.TestKit.Judges;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Generation;

/// <summary>Random policies and random flows: the compiled engine and the naive evaluator must agree on every one.</summary>
internal sealed class DifferentialRun(ulong seed, Func<PolicyObjects, PolicyCompilerOptions, IFlowJudge> compiled)
{
    /// <summary>Flows per set of policies: reading and compiling a set costs as much as some hundred flows.</summary>
    public const int FlowsPerSet = 100;

    public DifferentialRun(ulong seed)
        : this(seed, static (objects, options) => new GateJudge(objects, options))
    {
    }

    public DifferentialCounts Counts { get; } = new();

    /// <summary>Runs at least <paramref name="cases"/> flows. Null = no difference; otherwise the first one, made small.</summary>
    /// <param name="cases">Number of flows.</param>
    /// <param name="progress">Called after each set of policies.</param>
    public string? Run(long cases, Action<DifferentialCounts>? progress = null)
    {
        for (var set = 0UL; Counts.Flows < cases; set++)
        {
            var random = GeneratedCase.Create(seed + (set * 0x1000), FlowsPerSet);
            if (Difference(random, Counts) is { } flow)
            {
                var small = new CaseShrinker(c => Difference(c, new DifferentialCounts()) is not null).Shrink(random with { Flows = [flow] });
                return $"seed {seed}, set {set}\n{Describe(small)}";
            }

            progress?.Invoke(Counts);
        }

        return null;
    }

    /// <summary>The first flow the two disagree about; null when they agree.</summary>
    private FlowQuestion? Difference(GeneratedCase random, DifferentialCounts counts)
    {
        var objects = random.Read(out var rejected);
        counts.Policies += random.Policies.Count;
        counts.RejectedPolicies += rejected;
        using var naive = new NaiveJudge(objects, random.Options);
        using var judge = compiled(objects, random.Options);
        foreach (var flow in random.Flows)
        {
            var expected = naive.Judge(flow);
            var actual = judge.Judge(flow);
            counts.Add(expected);
            if (!Agree(expected, actual))
            {
                return flow;
            }
        }

        return null;
    }

    /// <summary>A connection that can never authenticate has no requests, so their verdicts are not compared.</summary>
    private static bool Agree(FlowAnswer expected, FlowAnswer actual) => expected.Auth == "test-always-fail"
        ? (expected.Enforced, expected.L4, expected.L7Protocol, expected.Auth) == (actual.Enforced, actual.L4, actual.L7Protocol, actual.Auth)
        : expected.Equals(actual);

    private static string Diagnostics(IFlowJudge judge) => judge is GateJudge { Compilation: { Succeeded: false } failed }
        ? "\n          " + string.Join("\n          ", failed.Diagnostics)
        : "";

    private string Describe(GeneratedCase small)
    {
        var objects = small.Read(out _);
        using var naive = new NaiveJudge(objects, small.Options);
        using var judge = compiled(objects, small.Options);
        var flow = small.Flows[0];
        return $"""
            {string.Join("---\n", small.Policies.Select(YamlText.Write))}
            options:  enforcement {small.Options.Enforcement}, cilium compatible {small.Options.CiliumCompatible}
            flow:     {FlowText.Write(flow)}
            naive:    {naive.Judge(flow)}
            compiled: {judge.Judge(flow)}{Diagnostics(judge)}
            """;
    }
}
