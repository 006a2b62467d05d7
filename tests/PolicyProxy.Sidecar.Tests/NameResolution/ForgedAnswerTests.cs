using System.Net;
using System.Net.Sockets;
using PolicyProxy.Protocols.Tests.Dns;
using PolicyProxy.TestKit.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>What is no answer to what was asked teaches nothing, reaches nobody and does not keep the real answer from coming.</summary>
[Collection(nameof(DatagramTests))]
public sealed class ForgedAnswerTests
{
    private const string Name = "www.good.test";
    private const string Forged = "203.0.113.66";

    private static readonly Dictionary<string, Func<ReceivedQuery, byte[]>> s_forgeries = new()
    {
        { "another id", static query => Changed(query.Address(Forged), 0, static value => (byte)(value ^ 1)) },
        { "another name", static query => DnsBytes.Response(query.Id).Question("xxx.good.test").Answer("@12", 1, [203, 0, 113, 66]) },
        { "another type", static query => DnsBytes.Response(query.Id).Question(Name, 28).Answer(Name, 1, [203, 0, 113, 66]) },
        { "another class", static query => DnsBytes.Response(query.Id).Question(Name, 1, 3).Answer(Name, 1, [203, 0, 113, 66]) },
        { "the name in another case", static query => DnsBytes.Response(query.Id).Question("WWW.good.test").Answer("@12", 1, [203, 0, 113, 66]) },
        { "no question", static query => DnsBytes.Response(query.Id).Answer(Name, 1, [203, 0, 113, 66]) },
        { "two questions", static query => DnsBytes.Response(query.Id).Question(Name).Question(Name).Answer("@12", 1, [203, 0, 113, 66]) },
        { "a query", static query => Changed(query.Address(Forged), 2, static value => (byte)(value & 0x7F)) },
        { "a name that points to itself", static query => query.Response().Answer("@31", 1, [203, 0, 113, 66]) },
        { "a name that points behind the end", static query => query.Response().Answer("@16000", 1, [203, 0, 113, 66]) },
        { "more records than there are", static query => Changed(query.Address(Forged), 7, static _ => 200) },
        { "an address that is cut off", static query => query.Address(Forged)[..^1] },
        { "bytes behind the end", static query => [.. query.Address(Forged), 0] },
        { "nothing", static _ => [] },
        { "a header", static query => query.Address(Forged)[..12] },
        { "half a header", static query => query.Address(Forged)[..7] },
        { "compression bomb", static query => Bomb(query) },
        { "noise", static _ => Noise() },
    };

    public static TheoryData<string> Forgeries => [.. s_forgeries.Keys];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Forgery_over_udp_is_dropped_and_the_answer_behind_it_passes(string forgery)
    {
        await using var resolver = ScriptedResolver.Start(async query =>
        {
            await query.SendAsync(s_forgeries[forgery](query));
            await query.SendAsync(query.Address("192.0.2.1"));
        });
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = new UdpAsker(bench.V4);

        Assert.Equal((forgery, "1234 NoError 192.0.2.1"), (forgery, await client.AskAsync(DnsBytes.Ask(Name))));
        Assert.Equal([$"{Name} 192.0.2.1"], bench.Learned);
        Assert.Equal((1, 1), (bench.Counters.Unexpected, bench.Counters.Answered));
        Assert.Equal(0, client.Socket.Available);
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Forgery_over_tcp_is_dropped_or_ends_the_connection(string forgery)
    {
        var isLengthBroken = false;
        await using var resolver = ScriptedResolver.Start(async query =>
        {
            var forged = s_forgeries[forgery](query);
            isLengthBroken = forged.Length < 12;
            await query.SendAsync(forged);
            await query.SendAsync(query.Address("192.0.2.1"));
        });
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V4);

        var answer = await client.AskAsync(DnsBytes.Ask(Name));

        Assert.Equal((forgery, isLengthBroken ? "1234 ServerFailure" : "1234 NoError 192.0.2.1"), (forgery, answer));
        Assert.Equal(isLengthBroken ? [] : [$"{Name} 192.0.2.1"], bench.Learned);
    }

    /// <summary>Whoever knows id, question and port is still not the resolver: the socket hears one peer.</summary>
    [Fact]
    public async Task Perfect_answer_from_another_port_or_address_is_not_heard()
    {
        await using var resolver = ScriptedResolver.Start();
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = new UdpAsker(bench.V4);
        using var otherPort = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var otherAddress = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), resolver.Address.Port));

        await client.SendAsync(DnsBytes.Ask(Name));
        var query = await resolver.NextAsync();
        await Assert.ThrowsAsync<SocketException>(() => SendTwiceAsync(otherPort, query)); // the kernel says that nobody hears it
        await Assert.ThrowsAsync<SocketException>(() => SendTwiceAsync(otherAddress, query));
        await query.SendAsync(query.Address("192.0.2.1"));

        Assert.Equal("1234 NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
        Assert.Equal([$"{Name} 192.0.2.1"], bench.Learned);
        Assert.Equal(0, bench.Counters.Unexpected);
    }

    /// <summary>As from somebody on the path who does not see the queries: the right address, port and question, but he has to guess the id.</summary>
    [Fact]
    public async Task Burst_of_20000_guesses_teaches_nothing()
    {
        const int Guesses = 20_000;
        await using var resolver = ScriptedResolver.Start();
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = new UdpAsker(bench.V4);
        await client.SendAsync(DnsBytes.Ask(Name));
        var query = await resolver.NextAsync();
        for (var guess = 1; guess <= Guesses; guess++)
        {
            var forged = query.Address(Forged);
            var id = (ushort)(query.Id + guess);
            (forged[0], forged[1]) = ((byte)(id >> 8), (byte)id);
            await query.SendAsync(forged);
            if (guess % 500 == 0)
            {
                Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref bench.Counters.Unexpected) == guess, TimeSpan.FromSeconds(30)));
            }
        }

        await query.SendAsync(query.Address("192.0.2.1"));

        Assert.Equal("1234 NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
        Assert.Equal([$"{Name} 192.0.2.1"], bench.Learned);
    }

    [Fact]
    public async Task Second_answer_to_the_same_query_is_dropped()
    {
        await using var resolver = ScriptedResolver.Start(async query =>
        {
            await query.SendAsync(query.Address("192.0.2.1"));
            await query.SendAsync(query.Address(Forged));
        });
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = new UdpAsker(bench.V4);

        Assert.Equal("1234 NoError 192.0.2.1", await client.AskAsync(DnsBytes.Ask(Name)));
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref bench.Counters.Unexpected) == 1, TimeSpan.FromSeconds(30)));
        Assert.Equal("1235 NoError 192.0.2.1", await client.AskAsync(DnsBytes.Ask(Name, id: 0x1235)));
        Assert.Equal([$"{Name} 192.0.2.1"], bench.Learned);
    }

    private static async Task SendTwiceAsync(UdpClient from, ReceivedQuery query)
    {
        var forged = query.Address(Forged);
        from.Connect(query.Client);
        await from.SendAsync(forged);
        await from.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static byte[] Changed(byte[] message, int at, Func<byte, byte> change)
    {
        message[at] = change(message[at]);
        return message;
    }

    // Each name is a label in front of the one before: 900 of them would have 400,000 labels.
    private static byte[] Bomb(ReceivedQuery query)
    {
        var message = query.Response();
        var target = 12;
        for (var record = 0; record < 900; record++)
        {
            var start = message.Position;
            message.Answer($"x.@{target}", 1, [203, 0, 113, 66]);
            target = start;
        }

        return message;
    }

    private static byte[] Noise()
    {
        var bytes = new byte[1_000];
        new Random(5).NextBytes(bytes);
        return bytes;
    }
}
