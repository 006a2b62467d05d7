using BenchmarkDotNet.Attributes;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Benchmarks.Protocols;

/// <summary>Cost of one name against a rule set of exact names, suffixes and a few odd patterns.</summary>
[MemoryDiagnoser]
public class FqdnPatternSetBenchmarks
{
    private FqdnPatternSet _set = new([]);
    private FqdnPattern? _glob;

    /// <summary>Patterns in the set: half exact, half <c>*.</c> and <c>**.</c>, four globs.</summary>
    [Params(10, 10_000)]
    public int Patterns { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        string[] globs = ["api-*.odd.example", "eu.*.odd.example", "*cdn.example", "**.a*.odd.example"];
        var texts = Enumerable.Range(0, Patterns - globs.Length)
            .Select(i => (i % 4) switch { 0 => $"*.team{i}.example", 1 => $"**.zone{i}.example", _ => $"host{i}.example" })
            .Concat(globs);
        _set = new FqdnPatternSet(texts.Select(Parse));
        _glob = Parse("api-*.odd.example");
    }

    [Benchmark(Baseline = true)]
    public int ExactName() => _set.IndexOfFirst("host2.example");

    [Benchmark]
    public int Suffix() => _set.IndexOfFirst("www.eu.zone1.example.");

    [Benchmark]
    public int Miss() => _set.IndexOfFirst("login.tracker.elsewhere.test.");

    [Benchmark]
    public bool OneGlob() => _glob!.Matches("api-eu-west-1.odd.example.");

    private static FqdnPattern Parse(string text) =>
        FqdnPattern.TryParsePattern(text, FqdnPatternUse.ToFqdns, out var pattern, out var reason) ? pattern : throw new ArgumentException(reason);
}
