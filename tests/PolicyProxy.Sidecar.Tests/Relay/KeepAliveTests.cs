using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

public sealed class KeepAliveTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Requests_of_one_client_follow_each_other_on_one_connection()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok);
        using var client = await bench.ConnectAsync();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("ok", (await client.SendAsync(Get)).Body);
        }

        var counters = bench.Counters;
        Assert.Equal(1, bench.Upstream.Connections);
        Assert.Equal((1, 1, 5, 1, 4), (counters.Accepted, counters.Active, counters.Requests, counters.UpstreamConnects, counters.UpstreamReuses));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pipelined_requests_are_answered_in_order_whatever_their_framing(bool bytewise)
    {
        (string Request, string Response)[] exchanges =
        [
            ("GET /0 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nzero!"),
            ("HEAD /1 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
            ("POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\nGET / H", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"),
            ("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"),
            ("POST /4 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
            ("GET /5 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n"),
            ("GET /6 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nsix"),
            ("OPTIONS /7 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n0\r\nT: v\r\n\r\n"),
            ("PUT /8 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n8"),
            ("GET /9 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnine"),
        ];
        var received = new List<string>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                received.Add(request);
                var response = Array.Find(exchanges, exchange => exchange.Request == request).Response;
                await (bytewise ? connection.Bytes.WriteBytewiseAsync(response) : connection.Bytes.WriteAsync(response));
            }
        });
        using var client = await bench.ConnectAsync();

        var sent = string.Concat(exchanges.Select(static exchange => exchange.Request));
        await (bytewise ? client.Bytes.WriteBytewiseAsync(sent) : client.WriteAsync(sent));
        var expected = string.Concat(exchanges.Select(static exchange => exchange.Response));
        var answered = await client.Bytes.ReadAsync(expected.Length);

        Assert.Equal(expected, answered);
        Assert.Equal(exchanges.Select(static exchange => exchange.Request), received);
        Assert.Equal(1, bench.Upstream.Connections);
    }

    [Fact]
    public async Task Next_request_is_not_forwarded_before_the_response_to_the_one_before_was_sent()
    {
        var answer = new Signal();
        var first = new Signal();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.ReadRequestAsync();
            first.Set();
            await answer.Task;
            Assert.False(connection.Bytes.HasUnread);
            await connection.Bytes.WriteAsync(Ok);
            await connection.AnswerAsync(Ok);
            await connection.ReadHeadAsync();
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Get + Get);
        await first.Task;
        Assert.Equal(1, bench.Counters.Requests);
        answer.Set();

        Assert.Equal(200, (await client.ReadAsync()).Status);
        Assert.Equal(200, (await client.ReadAsync()).Status);
    }

    [Fact]
    public async Task Client_that_asks_for_it_is_closed_behind_its_response()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok);
        using var client = await bench.ConnectAsync();

        var response = await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Equal("ok", response.Body);
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
    }

    [Fact]
    public async Task Request_behind_one_that_asks_for_close_is_neither_forwarded_nor_answered()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok);
        using var client = await bench.ConnectAsync();

        var response = await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + Get);

        Assert.Equal("ok", response.Body);
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
        Assert.Equal(1, bench.Counters.Requests);
    }

    [Fact]
    public async Task Client_is_closed_behind_a_response_that_announces_it()
    {
        await using var bench = await RelayBench.StartAsync(static connection =>
            connection.AnswerAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"));
        using var client = await bench.ConnectAsync();

        var response = await client.SendAsync(Get);

        Assert.Equal("ok", response.Body);
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", true)]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true)]
    [InlineData("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", true)]
    [InlineData("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", false)]
    [InlineData(Get, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", true)]
    [InlineData(Get, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", false)]
    public async Task Version_1_0_keeps_the_connection_only_if_both_sides_say_so(string request, string answer, bool closes)
    {
        await using var bench = await RelayBench.AnsweringAsync(answer);
        using var client = await bench.ConnectAsync();

        var first = await client.SendAsync(request);
        var end = closes ? await client.EndAsync() : (ConnectionEnd?)null;
        var second = closes ? null : await client.SendAsync(request);

        Assert.Equal("ok", first.Body);
        Assert.Equal(closes ? ConnectionEnd.Closed : null, end);
        Assert.Equal(closes ? null : "ok", second?.Body);
    }

    [Fact]
    public async Task Client_that_ends_its_side_behind_a_request_still_gets_the_response()
    {
        var ended = new Signal();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.ReadRequestAsync();
            await ended.Task;
            await connection.Bytes.WriteAsync(Ok);
            await connection.ReadHeadAsync();
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Get);
        client.Bytes.EndSending();
        ended.Set();

        Assert.Equal("ok", (await client.ReadAsync()).Body);
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
    }

    [Fact]
    public async Task Client_that_ends_its_side_behind_pipelined_requests_gets_every_response()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok);
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Get + Get + Get);
        client.Bytes.EndSending();
        var (text, end) = await client.Bytes.ReadToEndAsync();

        Assert.Equal((Ok + Ok + Ok, ConnectionEnd.Closed), (text, end));
    }

    [Fact]
    public async Task Connection_that_never_says_anything_is_closed_without_a_word()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, new BenchSetup
        {
            Relay = new RelayOptions { KeepAliveTimeout = TimeSpan.FromMilliseconds(150) },
        });
        using var silent = await bench.ConnectAsync();
        using var afterOne = await bench.ConnectAsync();

        Assert.Equal(200, (await afterOne.SendAsync(Get)).Status);

        Assert.Equal(ConnectionEnd.Closed, await silent.EndAsync());
        Assert.Equal(ConnectionEnd.Closed, await afterOne.EndAsync());
        Assert.Equal(2, bench.Counters.Timeouts);
    }
}
