using BenchmarkDotNet.Attributes;
using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Benchmarks.Re2;

/// <summary>Cost of parsing and of compiling a rule set.</summary>
[MemoryDiagnoser]
public class Re2BuildBenchmarks
{
    private Re2Pattern[] _patterns = [];

    [Params(1, 100, 10_000)]
    public int Rules { get; set; }

    [Params("services", "inner-star")]
    public string Shape { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _patterns = Re2Shapes.Patterns(Shape, Rules);

    [Benchmark]
    public int Parse() => Re2Shapes.Patterns(Shape, Rules).Length;

    [Benchmark]
    public int Compile() => Re2Set.Compile(_patterns).Match("/").Length;
}
