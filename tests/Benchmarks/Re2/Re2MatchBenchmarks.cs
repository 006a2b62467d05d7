using System.Text;
using BenchmarkDotNet.Attributes;
using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Benchmarks.Re2;

/// <summary>Cost of one request against 1, 100 and 10,000 rules with a warm cache: one hot rule, and all rules in turn.</summary>
[MemoryDiagnoser]
public class Re2MatchBenchmarks
{
    private const int Requests = 1000;

    private readonly string[] _texts = new string[Requests];
    private readonly byte[][] _utf8 = new byte[Requests][];
    private Re2Set _set = Re2Set.Compile([]);

    [Params(1, 100, 10_000)]
    public int Rules { get; set; }

    [Params("services", "inner-star")]
    public string Shape { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _set = Re2Set.Compile(Re2Shapes.Patterns(Shape, Rules));
        for (var i = 0; i < Requests; i++)
        {
            _texts[i] = Re2Shapes.Request(Shape, (int)((long)i * Rules / Requests));
            _utf8[i] = Encoding.UTF8.GetBytes(_texts[i]);
            if (_set.Match(_texts[i]).Length != 1)
            {
                throw new InvalidOperationException("the request must match one rule");
            }
        }
    }

    [Benchmark(Baseline = true)]
    public int HotRuleUtf8() => _set.Match(_utf8[Requests - 1]).Length;

    [Benchmark]
    public int HotRuleChars() => _set.Match(_texts[Requests - 1]).Length;

    [Benchmark(OperationsPerInvoke = Requests)]
    public int AllRulesUtf8()
    {
        var matches = 0;
        foreach (var request in _utf8)
        {
            matches += _set.Match(request).Length;
        }

        return matches;
    }
}
