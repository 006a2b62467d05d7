using System.Net;
using BenchmarkDotNet.Attributes;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Benchmarks.Identities;

/// <summary>Cost of an answer with one address, publication included, and of a look-up, with so many addresses known.</summary>
[MemoryDiagnoser]
public class LearningBenchmarks
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UnixEpoch;
    private readonly IPAddress _known = IPAddress.Parse("10.0.0.7");
    private IdentityTable _table = new("default");
    private uint _next;

    [Params(100, 10_000)]
    public int Known { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _table = new IdentityTable("default", new FqdnOptions { MaxEntries = Known, MaxAddressesPerName = int.MaxValue });
        var selectors = Enumerable.Range(0, 500).Select(i => new FqdnSelector($"n{i}.example", isPattern: false));
        _table.Adopt(new IdentityScope { FqdnSelectors = [.. selectors] }, PolicyObjects.Empty);
        for (_next = 0; _next < Known; _next++)
        {
            Learn($"n{_next % 500}.example", _next);
        }
    }

    /// <summary>An answer that was given before.</summary>
    [Benchmark(Baseline = true)]
    public int Again() => Learn("n7.example", 7);

    /// <summary>A new address, and the one that ends soonest forgotten for it.</summary>
    [Benchmark]
    public int NewAddress() => Learn("n7.example", 0x0100_0000 | (_next++ & 0xff_ffff));

    [Benchmark]
    public object Resolve() => _table.Resolve(_known);

    private int Learn(string name, uint number) => _table.Learn(
        new FqdnAnswer { Name = name, Addresses = [FqdnAddress.Of([(byte)(10 + (number >> 24)), (byte)(number >> 16), (byte)(number >> 8), (byte)number], 3_600)] },
        s_now);
}
