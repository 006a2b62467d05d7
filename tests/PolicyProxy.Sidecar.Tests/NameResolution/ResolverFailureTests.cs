using System.Net;
using System.Net.Sockets;
using PolicyProxy.Protocols.Tests.Dns;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.TestKit.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>Resolvers that are away, silent, late or old.</summary>
[Collection(nameof(DatagramTests))]
public sealed class ResolverFailureTests
{
    private const string Name = "www.good.test";

    private static readonly DnsProxyOptions s_impatient = new() { QueryTimeout = TimeSpan.FromMilliseconds(300) };
    private static readonly DnsProxyOptions s_patient = new() { QueryTimeout = TimeSpan.FromMinutes(10) };

    private static byte[] Query => DnsBytes.Query().Question(Name).Edns();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resolver_that_is_down_fails_the_query_at_once(bool isTcp)
    {
        await using var bench = await DnsBench.StartAsync([Nobody()], s_patient);
        using var client = new UdpAsker(bench.V4);
        using var stream = await TcpAsker.ConnectAsync(bench.V4);
        Func<byte[], Task<string>> ask = isTcp ? stream.AskAsync : client.AskAsync;
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("1234 ServerFailure EDE 23", await ask(Query));
        }

        Assert.Empty(bench.Learned);
        Assert.Equal(20, bench.Counters.Failed);
    }

    [Theory]
    [InlineData(false, "1234 ServerFailure EDE 22")]
    [InlineData(true, "1234 ServerFailure EDE 22")]
    public async Task Silent_resolver_fails_the_query_when_its_time_is_over(bool isTcp, string expected)
    {
        await using var resolver = ScriptedResolver.Start(static _ => Task.CompletedTask);
        await using var bench = await DnsBench.StartAsync([resolver.Address], s_impatient);
        using var client = new UdpAsker(bench.V4);
        using var stream = await TcpAsker.ConnectAsync(bench.V4);
        Func<byte[], Task<string>> ask = isTcp ? stream.AskAsync : client.AskAsync;

        Assert.Equal(expected, await ask(Query));
        Assert.Equal((1, 1), (bench.Counters.Timeouts, bench.Counters.Failed));
    }

    /// <summary>Whoever answers something every moment cannot have a query wait for ever.</summary>
    [Fact]
    public async Task Query_that_is_left_out_fails_when_its_own_time_is_over_and_no_other()
    {
        await using var resolver = ScriptedResolver.Start(static query => query.Name == "starved.good.test" ? Task.CompletedTask : query.SendAsync(query.Address("192.0.2.1")));
        await using var bench = await DnsBench.StartAsync([resolver.Address], s_impatient);
        using var client = await TcpAsker.ConnectAsync(bench.V4);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        await client.SendAsync(DnsBytes.Query(1).Question("starved.good.test").Edns());
        string answer;
        while ((answer = await client.AskAsync(Query)) == "1234 NoError 192.0.2.1")
        {
            Assert.False(patience.IsCancellationRequested, "it still waits");
        }

        Assert.Equal("0001 ServerFailure EDE 22", answer);
        Assert.Equal("1234 NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
        Assert.Equal("1234 NoError 192.0.2.1", await client.AskAsync(Query));
        Assert.Equal((1, 1), (bench.Counters.Timeouts, bench.Counters.Failed));
        Assert.Single(resolver.Queries.Select(static query => query.Connection).Distinct());
    }

    [Fact]
    public async Task Answer_that_comes_too_late_teaches_nothing()
    {
        await using var resolver = ScriptedResolver.Start();
        await using var bench = await DnsBench.StartAsync([resolver.Address], s_impatient);
        using var client = new UdpAsker(bench.V4);

        Assert.Equal("1234 ServerFailure EDE 22", await client.AskAsync(Query));
        var late = await resolver.NextAsync();
        await late.SendAsync(late.Address("203.0.113.66"));
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref bench.Counters.Unexpected) == 1, TimeSpan.FromSeconds(30)));
        await client.SendAsync(Query);
        var next = await resolver.NextAsync();
        await next.SendAsync(next.Address("192.0.2.1"));

        Assert.Equal("1234 NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
        Assert.Equal([$"{Name} 192.0.2.1"], bench.Learned);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Next_resolver_is_asked_when_the_first_does_not_answer(bool isTcp, bool isDown)
    {
        await using var silent = ScriptedResolver.Start(static _ => Task.CompletedTask);
        await using var second = ScriptedResolver.Start(static query => query.SendAsync(query.Address("192.0.2.2")));
        await using var bench = await DnsBench.StartAsync([isDown ? Nobody() : silent.Address, second.Address], isDown ? s_patient : s_impatient);
        var answers = new List<string>();
        for (var i = 0; i < 10 && answers.LastOrDefault() != "1234 NoError 192.0.2.2"; i++)
        {
            using var client = new UdpAsker(bench.V4);
            using var stream = await TcpAsker.ConnectAsync(bench.V4);
            answers.Add(await (isTcp ? stream.AskAsync(Query) : client.AskAsync(Query)));
        }

        Assert.Equal("1234 NoError 192.0.2.2", answers[^1]);
        Assert.All(answers.SkipLast(1), answer => Assert.Equal(isDown ? "1234 ServerFailure EDE 23" : "1234 ServerFailure EDE 22", answer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Formerr_without_the_question_is_passed_on(bool isTcp)
    {
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(DnsBytes.Response(query.Id, 0x8181)));
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = new UdpAsker(bench.V4);
        using var stream = await TcpAsker.ConnectAsync(bench.V4);

        Assert.Equal("1234 FormatError", await (isTcp ? stream.AskAsync(Query) : client.AskAsync(Query)));
    }

    [Fact]
    public async Task Resolver_that_ends_the_connection_instead_of_answering_fails_what_waits()
    {
        var count = 0;
        await using var resolver = ScriptedResolver.Start(query =>
        {
            if (++count == 10)
            {
                query.Connection!.Close();
            }

            return Task.CompletedTask;
        });
        await using var bench = await DnsBench.StartAsync([resolver.Address], s_patient);
        using var client = await TcpAsker.ConnectAsync(bench.V4);

        await client.SendRawAsync([.. Enumerable.Range(0, 10).SelectMany(static i => TcpAsker.Frame(DnsBytes.Query((ushort)i).Question(Name).Edns()))]);
        var answers = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            answers.Add(DnsReplyText.Of(await client.ReceiveAsync()));
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"{i:x4} ServerFailure EDE 23"), answers.Order());
    }

    private static IPEndPoint Nobody()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
