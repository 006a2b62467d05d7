using PolicyProxy.Protocols.Tests.Dns;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.TestKit.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>What TCP clients notice of a proxy that stops, for an upgrade for example. No limit but the one a test speaks of can pass.</summary>
[Collection(nameof(DatagramTests))]
public sealed class DrainTests
{
    private const string Name = "www.good.test";

    private static readonly TimeSpan s_never = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Client_that_waits_for_nothing_is_closed_in_order_at_once()
    {
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Address("192.0.2.1")));
        await using var bench = await StartAsync(resolver, s_never);
        using var answered = await TcpAsker.ConnectAsync(bench.V4);
        using var denied = await TcpAsker.ConnectAsync(bench.V6);
        Assert.Equal("1234 NoError 192.0.2.1", await answered.AskAsync(DnsBytes.Ask(Name)));
        Assert.Equal("1234 Refused EDE 15", await denied.AskAsync(DnsBytes.Query().Question("evil.test").Edns()));

        await bench.Server.StopAsync().WaitAsync(s_patience);

        await answered.ReceiveEndAsync();
        await denied.ReceiveEndAsync();
    }

    [Fact]
    public async Task What_was_asked_is_answered_then_the_connection_ends()
    {
        await using var resolver = ScriptedResolver.Start();
        await using var bench = await StartAsync(resolver, s_never);
        using var client = await TcpAsker.ConnectAsync(bench.V4);
        await client.SendRawAsync([.. TcpAsker.Frame(DnsBytes.Ask(Name, id: 1)), .. TcpAsker.Frame(DnsBytes.Ask(Name, id: 2))]);
        var (first, second) = (await resolver.NextAsync(), await resolver.NextAsync());
        var stopping = await StopAsync(bench, resolver);

        await second.SendAsync(second.Address("192.0.2.2"));
        Assert.EndsWith("NoError 192.0.2.2", DnsReplyText.Of(await client.ReceiveAsync()), StringComparison.Ordinal);
        await first.SendAsync(first.Address("192.0.2.1"));
        Assert.EndsWith("NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()), StringComparison.Ordinal);

        await client.ReceiveEndAsync();
        client.Dispose();
        await stopping.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Client_that_has_just_connected_may_ask()
    {
        await using var resolver = ScriptedResolver.Start();
        await using var bench = await StartAsync(resolver, s_never);
        using var client = await TcpAsker.ConnectAsync(bench.V4);
        var stopping = await StopAsync(bench, resolver);

        await client.SendAsync(DnsBytes.Ask(Name));
        var query = await resolver.NextAsync();
        await query.SendAsync(query.Address("192.0.2.1"));

        Assert.Equal("1234 NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
        await client.ReceiveEndAsync();
        client.Dispose();
        await stopping.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Client_that_never_asks_or_never_ends_its_query_is_closed_after_the_grace()
    {
        await using var resolver = ScriptedResolver.Start();
        await using var bench = await StartAsync(resolver, TimeSpan.FromMilliseconds(200));
        using var silent = await TcpAsker.ConnectAsync(bench.V4);
        using var half = await TcpAsker.ConnectAsync(bench.V4);
        await half.SendRawAsync(TcpAsker.Frame(DnsBytes.Ask(Name))[..20]);
        var stopping = await StopAsync(bench, resolver);

        Assert.True(await silent.HasEndedAsync());
        Assert.True(await half.HasEndedAsync());
        await stopping.WaitAsync(s_patience);
    }

    /// <summary>It would keep the old process alive for as long as it likes.</summary>
    [Fact]
    public async Task Client_that_asks_on_and_on_is_closed_after_the_grace_and_the_answers_it_is_owed()
    {
        // Whoever waits for nothing when stopping begins is closed at once.
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var resolver = ScriptedResolver.Start(query =>
        {
            _ = begun.Task.ContinueWith(_ => query.SendAsync(query.Address("192.0.2.1")), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return Task.CompletedTask; // the next query is read meanwhile
        });
        await using var bench = await StartAsync(resolver, TimeSpan.FromSeconds(2));
        using var client = await TcpAsker.ConnectAsync(bench.V4);
        for (var i = 0; i < 8; i++)
        {
            await client.SendAsync(DnsBytes.Ask(Name));
        }

        Assert.True(SpinWait.SpinUntil(() => resolver.Queries.Count == 8, s_patience));
        var stopping = bench.Server.StopAsync();
        begun.SetResult();
        var answers = await AskOnAsync(client);

        Assert.InRange(answers, 8, int.MaxValue);
        await stopping.WaitAsync(s_patience);
    }

    // As many queries wait as at the start, until the connection ends; gives the number of answers.
    private static async Task<int> AskOnAsync(TcpAsker client)
    {
        var answers = 0;
        try
        {
            while (true)
            {
                Assert.Equal("1234 NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
                answers++;
                await client.SendAsync(DnsBytes.Ask(Name));
            }
        }
        catch (IOException) // the end is seen while reading or while writing
        {
            return answers;
        }
    }

    // Stopping has begun, seen by the end of another client's connection.
    private static async Task<Task> StopAsync(DnsBench bench, ScriptedResolver resolver)
    {
        using var other = await TcpAsker.ConnectAsync(bench.V4);
        await other.SendAsync(DnsBytes.Ask("other.good.test"));
        var query = await resolver.NextAsync();
        await query.SendAsync(query.Address("192.0.2.9"));
        _ = await other.ReceiveAsync();

        var stopping = bench.Server.StopAsync();
        await other.ReceiveEndAsync();
        return stopping;
    }

    private static Task<DnsBench> StartAsync(ScriptedResolver resolver, TimeSpan grace) => DnsBench.StartAsync(
        [resolver.Address],
        new DnsProxyOptions { DrainGrace = grace, StreamIdleTimeout = s_never, QueryTimeout = s_never },
        static options => options with { DrainLimit = s_never });
}
