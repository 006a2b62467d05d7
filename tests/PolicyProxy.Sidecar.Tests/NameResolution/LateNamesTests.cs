using PolicyProxy.Protocols.Tests.Dns;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.TestKit.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>An answer that comes when the next process serves already.</summary>
public sealed class LateNamesTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly DnsProxyOptions s_patient = new() { QueryTimeout = TimeSpan.FromMinutes(10) };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Next_process_knows_what_the_one_before_learns_when_the_client_does()
    {
        await using var resolver = ScriptedResolver.Start(static _ => Task.CompletedTask);
        await using var first = await StartAsync(resolver, null);
        using var client = new UdpAsker(first.V4);
        await client.SendAsync(DnsBytes.Ask("late.good.test"));
        Assert.True(SpinWait.SpinUntil(() => resolver.Queries.Count == 1, s_limit));

        await using var next = await StartAsync(resolver, first);
        await first.Server.HandedOver.WaitAsync(s_limit);
        var draining = first.Server.StopAsync();
        var query = resolver.Queries.First();
        await query.SendAsync(query.Address("192.0.2.7"));
        var answer = DnsReplyText.Of(await client.ReceiveAsync());

        Assert.EndsWith("NoError 192.0.2.7", answer, StringComparison.Ordinal);
        Assert.Equal(["late.good.test 192.0.2.7"], next.Learned); // now, not a moment later
        await draining.WaitAsync(s_limit);
    }

    private Task<DnsBench> StartAsync(ScriptedResolver resolver, DnsBench? before) => DnsBench.StartAsync([resolver.Address], s_patient, options => options with
    {
        DnsListen = before is null ? options.DnsListen : [before.V4, before.V6],
        NamesPath = Path.Combine(_folder.FullName, "names"),
        HandoverPath = Path.Combine(_folder.FullName, "handover"),
        DrainLimit = s_limit,
    });
}
