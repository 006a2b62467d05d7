using BenchmarkDotNet.Attributes;
using PolicyProxy.Gate;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Benchmarks.Gate;

/// <summary>From YAML text to the first verdict: reading, validating, compiling, realising and building the matchers.</summary>
[MemoryDiagnoser]
public class CompileBenchmarks
{
    private string _yaml = string.Empty;

    [Params(100, 10_000)]
    public int Rules { get; set; }

    [Params("exact/prefix", "general")]
    public string Kind { get; set; } = "exact/prefix";

    [GlobalSetup]
    public void Setup() => _yaml = RuleTexts.Policy(Kind == "general" ? RuleTexts.General(Rules) : RuleTexts.ExactAndPrefix(Rules));

    [Benchmark]
    public bool YamlToVerdict()
    {
        using var gate = new TestGate(_yaml);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", RuleTexts.Port), out ConnectionPermit permit);
        return gate.Gate.Check(ref permit, new TestRequest("GET", "/svc0/api/v1/x")).Allowed;
    }
}
