using System.Globalization;
using PolicyProxy.Protocols.Tests.Dns;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.TestKit.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>Thousands of queries that wait at the same time.</summary>
[Collection(nameof(DatagramTests))]
public sealed class OutstandingQueriesTests
{
    private const int Count = 5_000;
    private const int AtOnce = 100;

    private static readonly DnsProxyOptions s_patient = new() { QueryTimeout = TimeSpan.FromMinutes(10), QueriesPerPort = 100 };

    [Fact]
    public async Task Answers_in_any_order_reach_who_asked()
    {
        await using var resolver = ScriptedResolver.Start(static _ => Task.CompletedTask);
        await using var bench = await DnsBench.StartAsync([resolver.Address], s_patient);
        using var client = new UdpAsker(bench.V4);
        await SendAllAsync(client, resolver, Count);

        var waiting = resolver.Queries.ToArray();
        new Random(7).Shuffle(waiting);
        var answers = new HashSet<string>();
        for (var sent = 0; sent < Count; sent += AtOnce)
        {
            foreach (var query in waiting.AsSpan(sent, AtOnce).ToArray())
            {
                await query.SendAsync(query.Address(Address(int.Parse(query.Name.Split('.')[0]))));
            }

            for (var i = 0; i < AtOnce; i++)
            {
                answers.Add(DnsReplyText.Of(await client.ReceiveAsync()));
            }
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"{i:x4} NoError {Address(i)}").ToHashSet(), answers);
        Assert.Equal(Count, bench.Learned.Count);
        Assert.Equal(0, bench.Counters.Unexpected);
    }

    [Fact]
    public async Task One_more_than_may_wait_is_answered_SERVFAIL()
    {
        await using var resolver = ScriptedResolver.Start(static _ => Task.CompletedTask);
        await using var bench = await DnsBench.StartAsync([resolver.Address], s_patient with { MaxPending = AtOnce });
        using var client = new UdpAsker(bench.V4);
        await SendAllAsync(client, resolver, AtOnce);

        Assert.Equal("1234 ServerFailure EDE 23", await client.AskAsync(DnsBytes.Query().Question("one.good.test").Edns()));
        var first = resolver.Queries.First();
        await first.SendAsync(first.Address("192.0.2.1"));
        Assert.Equal($"{int.Parse(first.Name.Split('.')[0], CultureInfo.InvariantCulture):x4} NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
        await client.SendAsync(DnsBytes.Ask("one.good.test"));
        Assert.True(SpinWait.SpinUntil(() => resolver.Queries.Count == AtOnce + 1, TimeSpan.FromSeconds(30)));
    }

    private static string Address(int number) => $"198.18.{number / 250}.{number % 250}";

    // Not faster than the resolver takes them: datagrams that find no room are lost.
    private static async Task SendAllAsync(UdpAsker client, ScriptedResolver resolver, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await client.SendAsync(DnsBytes.Ask($"{i}.good.test", id: (ushort)i));
            if ((i + 1) % AtOnce == 0)
            {
                Assert.True(SpinWait.SpinUntil(() => resolver.Queries.Count == i + 1, TimeSpan.FromSeconds(30)));
            }
        }
    }
}
