using System.Collections.Concurrent;
using PolicyProxy.Protocols.Tests.Dns;
using PolicyProxy.TestKit.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>DNS over TCP: messages behind their lengths, however they are cut, in whatever order they are answered.</summary>
[Collection(nameof(DatagramTests))]
public sealed class StreamTests
{
    private const string Name = "www.good.test";

    [Fact]
    public async Task Query_cut_at_any_byte_is_answered()
    {
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Address("192.0.2.1")));
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V4);
        var frame = TcpAsker.Frame(DnsBytes.Ask(Name));
        for (var cut = 1; cut < frame.Length; cut++)
        {
            await client.SendRawAsync(frame[..cut]);
            await client.SendRawAsync(frame[cut..]);
            Assert.Equal("1234 NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
        }

        foreach (var single in frame)
        {
            await client.SendRawAsync([single]);
        }

        Assert.Equal("1234 NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
    }

    [Fact]
    public async Task Answer_cut_at_any_byte_is_passed_on_and_learned()
    {
        var cut = 0;
        await using var resolver = ScriptedResolver.Start(async query =>
        {
            var frame = TcpAsker.Frame(query.Address("192.0.2.1"));
            cut = (cut % (frame.Length - 1)) + 1;
            await query.Connection!.SendRawAsync(frame[..cut]);
            await query.Connection.SendRawAsync(frame[cut..]);
        });
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V6);
        for (var round = 0; round < 100; round++)
        {
            Assert.Equal("1234 NoError 192.0.2.1", await client.AskAsync(DnsBytes.Ask(Name)));
        }

        Assert.Equal([$"{Name} 192.0.2.1"], bench.Learned);
    }

    /// <summary>The longest frame there is, one byte after the other where it matters.</summary>
    [Fact]
    public async Task Answer_of_65535_bytes_passes_whole()
    {
        await using var resolver = ScriptedResolver.Start(async query =>
        {
            var frame = TcpAsker.Frame(Longest(query));
            for (var i = 0; i < 300; i++)
            {
                await query.Connection!.SendRawAsync([frame[i]]);
            }

            await query.Connection!.SendRawAsync(frame[300..^1]);
            await query.Connection.SendRawAsync(frame[^1..]);
        });
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V4);

        await client.SendAsync(DnsBytes.Ask(Name));
        var answer = await client.ReceiveAsync();

        Assert.Equal(65_535, answer.Length);
        Assert.Equal(Longest(resolver.Queries.Single())[2..], answer[2..]);
    }

    public static TheoryData<string, byte[]> BrokenFrames => new()
    {
        { "no bytes", [0, 0] },
        { "shorter than a header", [0, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
        { "longer than a query may be", [0x10, 0x01] },
        { "65,535 bytes", [0xFF, 0xFF, .. new byte[65_535]] },
    };

    [Theory]
    [MemberData(nameof(BrokenFrames))]
    public async Task Frame_out_of_bounds_ends_its_connection_and_no_other(string what, byte[] frame)
    {
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Address("192.0.2.1")));
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var other = await TcpAsker.ConnectAsync(bench.V4);
        using var client = await TcpAsker.ConnectAsync(bench.V4);
        Assert.Equal("1234 NoError 192.0.2.1", await client.AskAsync(DnsBytes.Ask(Name)));

        try
        {
            await client.SendRawAsync(frame);
        }
        catch (IOException)
        {
            // ended before the last byte
        }

        Assert.True(await client.HasEndedAsync(), what);
        Assert.Equal("1234 NoError 192.0.2.1", await other.AskAsync(DnsBytes.Ask(Name)));
    }

    [Fact]
    public async Task Pipelined_queries_are_answered_in_the_order_of_the_resolver()
    {
        const int Count = 100;
        var waiting = new List<ReceivedQuery>();
        await using var resolver = ScriptedResolver.Start(async query =>
        {
            waiting.Add(query);
            if (waiting.Count == Count)
            {
                waiting.Reverse();
                foreach (var one in waiting)
                {
                    await one.SendAsync(one.Address($"198.18.0.{one.Name.Split('.')[0]}"));
                }
            }
        });
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V4);

        await client.SendRawAsync([.. Enumerable.Range(1, Count).SelectMany(static i => TcpAsker.Frame(DnsBytes.Ask($"{i}.good.test", id: (ushort)i)))]);

        for (var i = Count; i > 0; i--)
        {
            Assert.Equal($"{i:x4} NoError 198.18.0.{i}", DnsReplyText.Of(await client.ReceiveAsync()));
        }
    }

    /// <summary>More than wait at a time, and more replies than there is room for.</summary>
    [Theory]
    [InlineData("www.good.test", "NoError 192.0.2.1")]
    [InlineData("a-name-that-makes-the-reply-longer-than-its-question-would.and-longer-still.evil.test", "Refused EDE 15")]
    public async Task Client_that_pipelines_20000_queries_gets_20000_answers(string name, string expected)
    {
        const int Count = 20_000;
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Address("192.0.2.1")));
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V4);

        var sending = Task.Run(() => client.SendRawAsync([.. Enumerable.Range(0, Count).SelectMany(i => TcpAsker.Frame(DnsBytes.Query((ushort)i).Question(name).Edns()))]));
        var ids = new HashSet<int>();
        for (var i = 0; i < Count; i++)
        {
            var answer = await client.ReceiveAsync();
            ids.Add((answer[0] << 8) | answer[1]);
            Assert.EndsWith(expected, DnsReplyText.Of(answer), StringComparison.Ordinal);
        }

        await sending;
        Assert.Equal(Count, ids.Count);
    }

    [Fact]
    public async Task Slow_reader_of_long_answers_gets_them_all_and_holds_up_nobody()
    {
        const int Count = 200; // 13 MB: more than the buffers of all sockets on the way
        await using var resolver = ScriptedResolver.Start(static query => query.SendAsync(query.Connection is null ? query.Address("192.0.2.1") : Longest(query)));
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var slow = await TcpAsker.ConnectAsync(bench.V4);
        using var other = new UdpAsker(bench.V4);
        await slow.SendRawAsync([.. Enumerable.Range(0, Count).SelectMany(static i => TcpAsker.Frame(DnsBytes.Ask(Name, id: (ushort)i)))]);

        Assert.Equal(0, (await slow.ReceiveAsync())[1]);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("1234 NoError 192.0.2.1", await other.AskAsync(DnsBytes.Ask(Name)));
        }

        for (var i = 1; i < Count; i++)
        {
            var answer = await slow.ReceiveAsync();
            Assert.Equal((65_535, i), (answer.Length, (answer[0] << 8) | answer[1]));
        }
    }

    [Fact]
    public async Task Client_that_has_ended_its_side_still_gets_its_answers()
    {
        await using var resolver = ScriptedResolver.Start();
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V4);

        await client.SendAsync(DnsBytes.Ask(Name));
        client.EndSending();
        var query = await resolver.NextAsync();
        await query.SendAsync(query.Address("192.0.2.1"));

        Assert.Equal("1234 NoError 192.0.2.1", DnsReplyText.Of(await client.ReceiveAsync()));
        Assert.True(await client.HasEndedAsync());
    }

    [Fact]
    public async Task Resolver_that_ends_the_connection_between_queries_is_asked_over_another()
    {
        await using var resolver = ScriptedResolver.Start(static async query =>
        {
            await query.SendAsync(query.Address("192.0.2.1"));
            query.Connection!.Close();
        });
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V4);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("1234 NoError 192.0.2.1", await client.AskAsync(DnsBytes.Ask(Name)));
        }
    }

    [Fact]
    public async Task Queries_behind_the_one_a_resolver_answers_before_it_ends_the_connection_are_asked_again()
    {
        const int Count = 50;
        var ended = new ConcurrentDictionary<ResolverConnection, bool>();
        await using var resolver = ScriptedResolver.Start(async query =>
        {
            if (ended.TryAdd(query.Connection!, true))
            {
                await query.SendAsync(query.Address("192.0.2.1"));
                query.Connection!.EndSending();
            }
        });
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V4);

        await client.SendRawAsync([.. Enumerable.Range(0, Count).SelectMany(static i => TcpAsker.Frame(DnsBytes.Ask(Name, id: (ushort)i)))]);

        var ids = new HashSet<int>();
        for (var i = 0; i < Count; i++)
        {
            var answer = await client.ReceiveAsync();
            ids.Add((answer[0] << 8) | answer[1]);
            Assert.EndsWith("NoError 192.0.2.1", DnsReplyText.Of(answer), StringComparison.Ordinal);
        }

        Assert.Equal(Count, ids.Count);
    }

    [Fact]
    public async Task Resolver_that_ends_a_connection_without_an_answer_is_not_asked_again()
    {
        await using var resolver = ScriptedResolver.Start(static query =>
        {
            query.Connection!.Close();
            return Task.CompletedTask;
        });
        await using var bench = await DnsBench.StartAsync(resolver.Address);
        using var client = await TcpAsker.ConnectAsync(bench.V4);

        Assert.Equal("1234 ServerFailure", await client.AskAsync(DnsBytes.Ask(Name)));
    }

    // One TXT record whose strings fill the message.
    private static byte[] Longest(ReceivedQuery query)
    {
        var room = 65_535 - ((byte[])query.Response()).Length - 12; // of a record with a pointer for a name
        var text = new List<byte>();
        while (room - text.Count > 0)
        {
            var length = Math.Min(255, room - text.Count - 1);
            text.Add((byte)length);
            text.AddRange(new byte[length]);
        }

        return query.Response().Answer("@12", 16, [.. text]);
    }
}
