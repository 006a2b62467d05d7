using System.Collections.Concurrent;
using System.Globalization;
using PolicyProxy.TestKit.Origins;
using Xunit.Abstractions;

namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>
/// What the parser accepts, real servers understand in the same way, or refuse. Behind each accepted stream comes the request of
/// another client, as on a pooled connection: whoever disagrees about where the stream ends does not see that one as it was sent.
/// </summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int Seed = 9112;
    private const int Mutants = 21_000;
    private const int Workers = 16;
    private const int MaxShown = 30;

    private static readonly byte[] s_next = "GET /next HTTP/1.1\r\nHost: next.example\r\nX-Team: next\r\nConnection: close\r\n\r\n"u8.ToArray();

    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly ConcurrentQueue<string> _differences = [];

    [Fact]
    public async Task Streams_the_parser_accepts_are_understood_alike_by_real_servers_or_refused()
    {
        output.WriteLine($"seed {Seed}, {Mutants} mutants");
        var origins = await Task.WhenAll(Enum.GetValues<OriginKind>().Select(Origin.StartAsync));
        try
        {
            await Parallel.ForAsync(0, Mutants, new ParallelOptions { MaxDegreeOfParallelism = Workers }, (round, _) => CompareAsync(round, origins));
        }
        finally
        {
            foreach (var origin in origins)
            {
                await origin.DisposeAsync();
            }
        }

        foreach (var (name, count) in _counts.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{name}: {count}");
        }

        Assert.True(_differences.IsEmpty, $"{_differences.Count} differences\n{string.Join('\n', _differences.Take(MaxShown))}");
        Assert.InRange(Count("accepted"), Mutants * 3 / 10, Mutants * 9 / 10);
        Assert.All(origins, origin => Assert.InRange(Count($"{origin.Kind} {StreamAgreement.Same}"), Mutants / 10, Mutants));
    }

    private int Count(string name) => _counts.GetValueOrDefault(name);

    private void Add(string name) => _counts.AddOrUpdate(name, 1, static (_, count) => count + 1);

    private async ValueTask CompareAsync(int round, IReadOnlyList<Origin> origins)
    {
        var mutant = new MutantGenerator(RecordedHeads.All, new Random((Seed * 100_003) + round)).Next();
        var judged = JudgedStream.Read(mutant);
        Add(judged.IsAccepted ? "accepted" : judged.Requests.Count > 0 ? "accepted in part" : "refused");
        if (judged.Requests.Count == 0)
        {
            return;
        }

        byte[] sent = judged.KeepAlive ? [.. mutant.AsSpan(0, judged.Length), .. s_next] : mutant[..judged.Length];
        var requests = judged.KeepAlive ? [.. judged.Requests, .. JudgedStream.Read(s_next).Requests] : judged.Requests;
        foreach (var origin in origins)
        {
            var comparison = StreamComparison.Of(origin.Kind, requests, await OriginClient.ExchangeAsync(origin.Address, sent, requests.Count));
            Add($"{origin.Kind} {comparison.Agreement}");
            if (comparison.Agreement == StreamAgreement.Different)
            {
                Add($"{origin.Kind} {comparison.Agreement}: {comparison.Reason.Split(';')[0]}");
                _differences.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{origin.Kind}, seed {Seed}, round {round}: {comparison.Reason}\n  {Convert.ToHexString(sent)}"));
            }
        }
    }
}
