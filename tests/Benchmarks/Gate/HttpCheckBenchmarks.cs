using BenchmarkDotNet.Attributes;
using PolicyProxy.Gate;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Benchmarks.Gate;

/// <summary>What does one allowed GET cost at the gate with 1, 100 and 10,000 rules, in tables and in the automaton?</summary>
[MemoryDiagnoser]
public class HttpCheckBenchmarks : IDisposable
{
    private TestGate _gate = null!;
    private ConnectionPermit _permit;
    private TestRequest _hit;
    private TestRequest _miss;

    [Params(1, 100, 10_000)]
    public int Rules { get; set; }

    [Params("exact/prefix", "general")]
    public string Kind { get; set; } = "exact/prefix";

    [GlobalSetup]
    public void Setup()
    {
        var last = Rules - 1;
        var general = Kind == "general";
        _gate = new TestGate(RuleTexts.Policy(general ? RuleTexts.General(Rules) : RuleTexts.ExactAndPrefix(Rules)));
        _ = _gate.Gate.Connect(_gate.Ingress("app=api", "app=web", RuleTexts.Port), out _permit);
        _hit = new TestRequest("GET", general ? $"/svc{last}/users/12345/orders/7" : last % 5 == 0 ? $"/svc{last}/api/v1/items/42" : $"/svc{last}/api/health");
        _miss = new TestRequest("GET", "/other/path/that/matches/nothing");
        if (!_gate.Gate.Check(ref _permit, _hit).Allowed || _gate.Gate.Check(ref _permit, _miss).Allowed)
        {
            throw new InvalidOperationException("the benchmark does not measure what it says");
        }
    }

    [Benchmark(Baseline = true)]
    public bool Allowed() => _gate.Gate.Check(ref _permit, _hit).Allowed;

    [Benchmark]
    public bool Denied() => _gate.Gate.Check(ref _permit, _miss).Allowed;

    [GlobalCleanup]
    public void Dispose()
    {
        _gate.Dispose();
        GC.SuppressFinalize(this);
    }
}
