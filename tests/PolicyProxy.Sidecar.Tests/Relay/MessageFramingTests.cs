using System.Globalization;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Messages pass byte by byte as they came, and end where they end.</summary>
public sealed class MessageFramingTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static readonly Dictionary<string, (string Request, string Response, bool Closes)> s_exchanges = new()
    {
        ["no body"] = (Get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false),
        ["odd spelling"] = (
            "get / HTTP/1.1\r\nhOST: x\r\nx:y\r\nX:  z \t\r\n\r\n", "HTTP/1.1 200 \r\ncONTENT-lENGTH:5\r\nX-A:\r\nX-A: \r\n\r\nabcde", false),
        ["HEAD, chunked"] = ("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false),
        ["HEAD, no framing"] = ("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", false),
        ["interim responses"] = (
            Get,
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nA: b\r\n\r\nHTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
            false),
        ["chunked response"] = (
            Get,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x;y=\"z\"\r\na\r\n00F\r\n0123456789abcde\r\n000\r\nA: b\r\nC:\r\n\r\n",
            false),
        ["empty chunked request"] = ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Ok, false),
        ["chunked request"] = (
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;q\r\nab\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n", Ok, false),
        ["bytes of no text"] = (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\r\n\0", "HTTP/1.1 999 \u00e9\r\nContent-Length: 3\r\n\r\n\0\u00ff\r", false),
        ["until close"] = (Get, "HTTP/1.1 200 OK\r\n\r\nuntil the connection ends", true),
        ["nothing until close"] = (Get, "HTTP/1.1 200 OK\r\n\r\n", true),
        ["until close, 1.0"] = (Get, "HTTP/1.0 200 OK\r\n\r\nuntil the connection ends", true),
        ["length, 1.0"] = (Get, "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nfour", true),
        ["chunked, close"] = (Get, "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", true),
    };

    public static TheoryData<string> Exchanges => [.. s_exchanges.Keys];

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task Exchange_passes_unchanged_in_one_piece_and_in_single_bytes(string exchange)
    {
        var (request, response, closes) = s_exchanges[exchange];
        var received = new List<string?>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            for (var i = 0; await connection.ReadRequestAsync() is { } one; i++)
            {
                received.Add(one);
                await (connection.Number + i == 0 ? connection.Bytes.WriteAsync(response) : connection.Bytes.WriteBytewiseAsync(response));
                if (closes)
                {
                    return;
                }
            }
        });
        var clients = new List<RawHttpConnection> { await bench.ConnectAsync() };
        await clients[0].WriteAsync(request);
        var whole = await clients[0].Bytes.ReadAsync(response.Length);
        if (closes)
        {
            Assert.Equal(ConnectionEnd.Closed, await clients[0].EndAsync());
            clients.Add(await bench.ConnectAsync());
        }

        await clients[^1].Bytes.WriteBytewiseAsync(request);
        var bytewise = await clients[^1].Bytes.ReadAsync(response.Length);
        clients.ForEach(static client => client.Dispose());

        Assert.Equal([response, response], [whole, bytewise]);
        Assert.Equal([request, request], received);
    }

    [Fact]
    public async Task Interim_responses_do_not_reach_a_client_of_version_1_0()
    {
        await using var bench = await RelayBench.AnsweringAsync("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + Ok);
        using var client = await bench.ConnectAsync();

        await client.WriteAsync("GET / HTTP/1.0\r\n\r\n");

        Assert.Equal((Ok, ConnectionEnd.Closed), await client.Bytes.ReadToEndAsync());
    }

    [Fact]
    public async Task Endless_interim_responses_are_cut_off()
    {
        await using var bench = await RelayBench.AnsweringAsync(string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 40)) + Ok);
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Get);
        var statuses = new List<int>();
        do
        {
            statuses.Add((await client.ReadAsync()).Status);
        }
        while (statuses[^1] == 102);

        Assert.Equal((33, 502), (statuses.Count, statuses[^1]));
    }

    [Fact]
    public async Task Head_of_exactly_the_limit_passes_both_ways_and_one_byte_more_does_not()
    {
        const int Limit = 65_536;
        static string Pad(string head, int length) => $"{head}A: {new string('a', length - head.Length - 7)}\r\n\r\n";
        var request = Pad("GET / HTTP/1.1\r\nHost: x\r\n", Limit);
        var response = Pad("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", Limit);
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } one)
            {
                await connection.Bytes.WriteAsync(one.StartsWith("GET /long", StringComparison.Ordinal) ? Pad("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", Limit + 1) + "ok" : response + "ok");
            }
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(request + request);
        var passed = await client.Bytes.ReadAsync(2 * (Limit + 2));
        var longResponse = await client.SendAsync("GET /long HTTP/1.1\r\nHost: x\r\n\r\n");
        var longRequest = await client.SendAsync(Pad("GET / HTTP/1.1\r\nHost: x\r\n", Limit + 1));

        Assert.Equal(response + "ok" + response + "ok", passed);
        Assert.Equal([502, 431], [longResponse.Status, longRequest.Status]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(104_857_600)]
    public async Task Body_of_any_size_passes_both_ways_through_two_buffers(int bytes)
    {
        await using var bench = await RelayBench.StartAsync(
            async connection =>
            {
                for (var i = 0; i < 2; i++)
                {
                    await connection.ReadHeadAsync();
                    await ReceiveAsync(connection.Bytes, bytes, chunked: i == 1);
                    await connection.Bytes.WriteAsync(i == 0 ? $"HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n" : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    await SendAsync(connection.Bytes, bytes, chunked: i == 1);
                }

                await connection.ReadHeadAsync();
            },
            new BenchSetup { Relay = new RelayOptions { MaxBufferedBytes = 2 * 65_536 } });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync($"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {bytes}\r\n\r\n");
        await SendAsync(client.Bytes, bytes, chunked: false);
        var byLength = await client.Bytes.ReadUntilAsync("\r\n\r\n");
        await ReceiveAsync(client.Bytes, bytes, chunked: false);
        await client.WriteAsync("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        await SendAsync(client.Bytes, bytes, chunked: true);
        var inChunks = await client.Bytes.ReadUntilAsync("\r\n\r\n");
        await ReceiveAsync(client.Bytes, bytes, chunked: true);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", byLength, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", inChunks, StringComparison.Ordinal);
        Assert.Equal(2, bench.Counters.Requests);
    }

    private static async Task SendAsync(TextConnection to, int bytes, bool chunked)
    {
        var block = new byte[1_000_003];
        for (var left = bytes; left > 0;)
        {
            var length = Math.Min(left, block.Length);
            await to.WriteAsync(chunked ? length.ToString("x", CultureInfo.InvariantCulture) + "\r\n" : string.Empty);
            await to.WriteAsync(block.AsMemory(0, length));
            await to.WriteAsync(chunked ? "\r\n" : string.Empty);
            left -= length;
        }

        await to.WriteAsync(chunked ? "0\r\n\r\n" : string.Empty);
    }

    private static async Task ReceiveAsync(TextConnection from, int bytes, bool chunked)
    {
        if (!chunked)
        {
            Assert.Equal(bytes, await from.SkipAsync(bytes));
            return;
        }

        var content = 0L;
        while (int.Parse((await from.ReadUntilAsync("\r\n"))!, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
        {
            content += await from.SkipAsync(size);
            Assert.Equal("\r\n", await from.ReadAsync(2));
        }

        Assert.Equal("\r\n", await from.ReadAsync(2));
        Assert.Equal(bytes, content);
    }
}
