using BenchmarkDotNet.Attributes;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Benchmarks.Protocols;

/// <summary>What judging the form of a request-target adds to every request.</summary>
[MemoryDiagnoser]
public class UrlPathBenchmarks
{
    private const string Plain = "/api/v1/customers/8f14e45f/orders/1679091c5a880faf6fb5e60877"; // 60 characters
    private const string WithQuery = "/api/v1/customers/8f14e45f/orders?state=open&sort=-created&n=20";
    private const string Escaped = "/files/annual%20report%20(final)/caf%C3%A9/index.html?download=1";
    private const string Folded = "/api//v1/customers;v=2/8f14e45f/%6Frders/1679091c5a880faf6fb5e60";
    private readonly char[] _destination = new char[128];

    [Benchmark(Baseline = true)]
    public UrlPathForm ClassifyPlain() => UrlPath.Classify(Plain);

    [Benchmark]
    public UrlPathForm ClassifyQuery() => UrlPath.Classify(WithQuery);

    [Benchmark]
    public UrlPathForm ClassifyEscaped() => UrlPath.Classify(Escaped);

    [Benchmark]
    public UrlPathForm ClassifyFolded() => UrlPath.Classify(Folded);

    [Benchmark]
    public int WriteCanonical() => UrlPath.WriteCanonical(Folded, _destination);
}
