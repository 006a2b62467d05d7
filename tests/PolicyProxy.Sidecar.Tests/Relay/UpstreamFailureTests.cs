using System.Net;
using System.Net.Sockets;
using PolicyProxy.Flows;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>An origin that fails: the client is told, or gets too little by a reset; never something that looks complete.</summary>
public sealed class UpstreamFailureTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [InlineData("")]
    [InlineData("H")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n")]
    [InlineData("hello\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nbye\r\n\r\n")]
    public async Task Unusable_response_is_answered_with_502_and_the_client_stays(string response)
    {
        await using var bench = await RelayBench.StartAsync(connection => connection.AnswerAsync(connection.Number == 0 ? response : Ok));
        using var client = await bench.ConnectAsync();

        var failed = await client.SendAsync(Get);
        failed = failed.Status == 100 ? await client.ReadAsync() : failed;
        var next = await client.SendAsync(Get);
        var flow = await bench.FlowAsync(static flow => flow is { IsReply: true });

        Assert.Equal((502, "Upstream unavailable\r\n", 200), (failed.Status, failed.Body, next.Status));
        Assert.StartsWith("upstream: ", flow.Note, StringComparison.Ordinal);
        Assert.Equal((FlowVerdict.Error, 502), (flow.Verdict, ((HttpRecord)flow.L7!).Code));
        Assert.Equal(1, bench.Counters.UpstreamFailures);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhello", true)]
    public async Task Response_cut_short_ends_with_a_reset(string response, bool resets)
    {
        var passed = new Signal();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.AnswerAsync(response);
            await passed.Task;
            if (resets)
            {
                connection.Bytes.Reset();
            }
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Get);
        var text = await client.Bytes.ReadAsync(response.Length);
        passed.Set();
        var end = await client.EndAsync();
        var flow = await bench.FlowAsync(static flow => flow is { IsReply: true });

        Assert.Equal((response, ConnectionEnd.Reset), (text, end));
        Assert.Equal((FlowVerdict.Error, "upstream: response cut short"), (flow.Verdict, flow.Note));
    }

    [Theory]
    [InlineData("zz\r\n")]
    [InlineData("5\r\nhelloX")]
    [InlineData("-1\r\n")]
    [InlineData("100000000\r\n")]
    public async Task Chunk_that_is_none_is_not_passed_on_and_resets_the_client(string chunk)
    {
        const string Start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n";
        var passed = new Signal();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.AnswerAsync(Start);
            await passed.Task;
            await connection.Bytes.WriteAsync(chunk);
            await connection.Bytes.ReadToEndAsync();
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Get);
        var text = await client.Bytes.ReadAsync(Start.Length);
        passed.Set();

        Assert.Equal(Start, text);
        Assert.Equal((string.Empty, ConnectionEnd.Reset), await client.Bytes.ReadToEndAsync());
    }

    [Fact]
    public async Task Origin_that_resets_while_a_body_is_sent_is_answered_for_with_502()
    {
        await using var bench = await RelayBench.StartAsync(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Bytes.ReadAsync(1000);
            connection.Bytes.Reset();
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n");
        var sending = client.Bytes.WriteAsync(new byte[200_000]);
        var response = await client.ReadAsync();
        await sending;

        Assert.Equal(502, response.Status);
    }

    [Fact]
    public async Task Client_that_resets_in_mid_request_takes_the_upstream_connection_with_it()
    {
        var end = new Signal<(string, ConnectionEnd)>();
        var begun = new Signal();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Bytes.ReadAsync(5);
            begun.Set();
            end.Set(await connection.Bytes.ReadToEndAsync());
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
        await begun.Task;
        client.Bytes.Reset();

        Assert.Equal((string.Empty, ConnectionEnd.Reset), await end.Task);
    }

    [Fact]
    public async Task Client_that_ends_its_side_in_mid_request_does_not_make_half_a_request_look_whole()
    {
        var begun = new Signal();
        var end = new Signal<(string, ConnectionEnd)>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.ReadHeadAsync();
            begun.Set();
            end.Set(await connection.Bytes.ReadToEndAsync());
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n");
        await begun.Task;
        client.Bytes.EndSending();

        Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
        Assert.Equal(ConnectionEnd.Reset, (await end.Task).Item2);
    }

    [Fact]
    public async Task Client_that_resets_in_mid_response_stops_the_origin()
    {
        var stopped = new Signal();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.AnswerAsync("HTTP/1.1 200 OK\r\n\r\n");
            try
            {
                var block = new byte[100_000];
                while (true)
                {
                    await connection.Bytes.WriteAsync(block);
                }
            }
            finally
            {
                stopped.Set();
            }
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Get);
        await client.Bytes.SkipAsync(1_000_000);
        client.Bytes.Reset();

        await stopped.Task;
    }

    [Fact]
    public async Task Full_accept_queue_of_the_origin_gives_504()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0); // room for one; the kernel drops the SYN of the next
        using var queued = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await queued.ConnectAsync(listener.LocalEndPoint!);
        Assert.True(SpinWait.SpinUntil(() => AcceptQueue((IPEndPoint)listener.LocalEndPoint!) == 1, TimeSpan.FromSeconds(30)));

        await using var sidecar = await SidecarServer.StartAsync(
            OpenSidecar.Options(new Uri($"http://{listener.LocalEndPoint}")) with { ConnectTimeout = TimeSpan.FromMilliseconds(200) });

        var response = await RawHttpConnection.SendAsync(sidecar.Addresses[0], Get);

        Assert.Equal((504, "Upstream timed out\r\n"), (response.Status, response.Body));
        Assert.Equal((1, 0), (sidecar.Counters.UpstreamConnectFailures, sidecar.Counters.Faults));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task Origin_that_does_not_answer_in_time_gives_504(string beginning)
    {
        await using var bench = await RelayBench.StartAsync(
            async connection =>
            {
                while (await connection.AnswerAsync(connection.Number == 0 ? beginning : Ok))
                {
                }
            },
            new BenchSetup { Change = static options => options with { IdleTimeout = TimeSpan.FromMilliseconds(200) } });
        using var client = await bench.ConnectAsync();

        var late = await client.SendAsync(Get);
        var next = await client.SendAsync(Get);

        Assert.Equal((504, "Upstream timed out\r\n", 200), (late.Status, late.Body, next.Status));
        Assert.Equal("upstream: no response in time", (await bench.FlowAsync(static flow => flow.IsReply)).Note);
    }

    [Fact]
    public async Task Origin_that_stops_in_mid_response_resets_the_client_in_time()
    {
        const string Start = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
        await using var bench = await RelayBench.AnsweringAsync(
            Start, new BenchSetup { Change = static options => options with { IdleTimeout = TimeSpan.FromMilliseconds(200) } });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Get);

        Assert.Equal((Start, ConnectionEnd.Reset), await client.Bytes.ReadToEndAsync());
    }

    // proc(5), /proc/net/tcp: of a socket in state 0A (listening) the receive queue is the number of connections to accept.
    private static int AcceptQueue(IPEndPoint listener) => File.ReadLines("/proc/net/tcp")
        .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(row => row[3] == "0A" && row[1].EndsWith($":{listener.Port:X4}", StringComparison.Ordinal))
        .Select(static row => Convert.ToInt32(row[4].Split(':')[1], 16))
        .FirstOrDefault();
}
