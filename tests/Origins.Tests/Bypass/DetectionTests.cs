using PolicyProxy.Origins.Tests.Bypass.Cases;
using PolicyProxy.TestKit.Origins;
using Xunit.Abstractions;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>The suite can fail: without the sidecar, attacks of nearly every class arrive, and the oracle says so.</summary>
public sealed class DetectionTests(ITestOutputHelper output)
{
    // Without a proxy some servers wait for what never comes.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private static readonly OriginKind[] s_kinds = [OriginKind.Nginx, OriginKind.Lighttpd, OriginKind.Aiohttp];

    [Fact]
    public async Task Attack_of_nearly_every_class_arrives_at_an_unprotected_origin()
    {
        var arrived = new Dictionary<string, int>();
        foreach (var found in await Task.WhenAll(s_kinds.Select(static kind => Task.Run(() => FindAsync(kind)))))
        {
            foreach (var (name, count) in found)
            {
                arrived[name] = arrived.GetValueOrDefault(name) + count;
            }
        }

        foreach (var (name, cases) in BypassCases.Classes)
        {
            output.WriteLine($"{name}: {arrived.GetValueOrDefault(name)} of {cases.Count * s_kinds.Length} arrived");
        }

        // Some classes only work where a proxy is in between, some against servers that have been repaired since.
        Assert.InRange(arrived.Values.Count(static count => count > 0), BypassCases.Classes.Count - 4, BypassCases.Classes.Count);
    }

    private static async Task<Dictionary<string, int>> FindAsync(OriginKind kind)
    {
        await using var origin = await Origin.StartAsync(kind);
        var arrived = new Dictionary<string, int>();
        foreach (var (name, cases) in BypassCases.Classes)
        {
            var start = origin.Log.Count;
            foreach (var attack in cases)
            {
                await BypassClient.SendAsync(origin.Address, attack.Steps, s_patience);
            }

            await origin.SettleAsync();
            arrived[name] = origin.Log.From(start).Count(static request => !Origin.IsBarrier(request) && BypassOracle.Find(request) is not null);
        }

        return arrived;
    }
}
