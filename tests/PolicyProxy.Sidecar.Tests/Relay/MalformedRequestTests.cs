using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Requests that can be read in more than one way, or in none: refused, closed, reported; not a byte is forwarded.</summary>
public sealed class MalformedRequestTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static readonly Dictionary<string, (string Request, int Status)> s_cases = new()
    {
        ["no Host"] = ("GET / HTTP/1.1\r\n\r\n", 400),
        ["two Hosts"] = ("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400),
        ["lone line feed"] = ("GET / HTTP/1.1\nHost: x\n\n", 400),
        ["length and chunks"] = ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ["two lengths"] = ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400),
        ["folded line"] = ("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
        ["space before colon"] = ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ["NUL"] = ("GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n", 400),
        ["fragment"] = ("GET /#a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ["no version"] = ("GET /\r\n\r\n", 400),
        ["TLS hello"] = ("\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", 400),
        ["no HTTP at all"] = ("\0\0\0\u0010hello, world", 400),
        ["length beyond 64 bits"] = ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        ["long target"] = ($"GET /{new string('a', 8192)} HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        ["other expectation"] = ("POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\na", 417),
        ["long head"] = ($"GET / HTTP/1.1\r\nHost: x\r\nA: {new string('a', 70_000)}\r\n\r\n", 431),
        ["many fields"] = ($"GET / HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Repeat("A: b\r\n", 100))}\r\n", 431),
        ["other coding"] = ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        ["long method"] = ($"{new string('A', 33)} / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ["version 2.0"] = ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        ["almost HTTP/2"] = ("PRI * HTTP/2.0\r\n\r\nSM\r\n\rx", 505),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Malformed_request_gets_its_status_and_a_flow_and_is_closed(string name)
    {
        var (request, status) = s_cases[name];
        await using var bench = await RelayBench.AnsweringAsync(Ok);
        using var whole = await bench.ConnectAsync();
        using var afterOne = await bench.ConnectAsync();

        var response = await whole.SendAsync(request);
        var first = await afterOne.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        var second = name == "almost HTTP/2" ? response : await afterOne.SendAsync(request + "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        var flow = await bench.FlowAsync(static flow => flow.Reason == VerdictReason.ProtocolError);

        Assert.Equal((status, "close", 200, status), (response.Status, response.Header("connection"), first.Status, second.Status));
        Assert.Equal(ConnectionEnd.Closed, await whole.EndAsync());
        Assert.Equal((FlowVerdict.Dropped, true), (flow.Verdict, flow.Note.Length > 0));
        Assert.Equal(1, bench.Upstream.Connections);
    }

    [Theory]
    [InlineData("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")]
    public async Task Request_without_a_path_is_refused_and_the_connection_stays(string request)
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok);
        using var client = await bench.ConnectAsync();

        var refused = await client.SendAsync(request);
        var next = await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal((400, "Bad request\r\n", 200), (refused.Status, refused.Body, next.Status));
    }

    [Theory]
    [InlineData("x\r\n", 400)]
    [InlineData("5\r\nhello!\r\n", 400)]
    [InlineData("5\nhello\r\n", 400)]
    [InlineData("FFFFFFFFF\r\n", 413)]
    [InlineData("0\r\nContent-Length: 5\r\n\r\n", 400)]
    [InlineData("0\r\nA: b\n\r\n", 400)]
    public async Task Broken_chunk_is_not_forwarded_and_what_was_becomes_a_reset(string broken, int status)
    {
        const string Start = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n";
        var forwarded = new Signal();
        var last = new Signal<(string Text, ConnectionEnd End)>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            Assert.Equal(Start, await connection.Bytes.ReadAsync(Start.Length));
            forwarded.Set();
            last.Set(await connection.Bytes.ReadToEndAsync());
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Start);
        await forwarded.Task;
        var response = await client.SendAsync(broken);
        var (text, end) = await last.Task;

        Assert.Equal((status, "close"), (response.Status, response.Header("connection")));
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
        Assert.Equal(ConnectionEnd.Reset, end);
        Assert.DoesNotContain(broken, text, StringComparison.Ordinal);
        Assert.Equal(1, bench.Counters.Malformed);
    }

    [Fact]
    public async Task Broken_chunk_behind_the_start_of_the_response_resets_both_sides()
    {
        const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
        var end = new Signal<ConnectionEnd>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Bytes.WriteAsync(Answer);
            end.Set((await connection.Bytes.ReadToEndAsync()).End);
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        Assert.Equal(Answer, await client.Bytes.ReadAsync(Answer.Length));
        await client.WriteAsync("zz\r\n");

        Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
        Assert.Equal(ConnectionEnd.Reset, await end.Task);
    }

    [Fact]
    public async Task Body_beyond_the_limit_is_refused_before_or_where_it_passes_it()
    {
        await using var bench = await RelayBench.AnsweringAsync(
            Ok, new BenchSetup { Relay = new RelayOptions { Http = new() { MaxBodyBytes = 10 } } });
        using var ofLength = await bench.ConnectAsync();
        using var inChunks = await bench.ConnectAsync();

        var exact = await ofLength.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789");
        var longer = await ofLength.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
        var chunked = await inChunks.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n1\r\na\r\n0\r\n\r\n");

        Assert.Equal((200, 413, 413), (exact.Status, longer.Status, chunked.Status));
    }

    [Fact]
    public async Task Head_that_does_not_come_in_time_gets_408()
    {
        await using var bench = await RelayBench.AnsweringAsync(
            Ok, new BenchSetup { Relay = new RelayOptions { HeadTimeout = TimeSpan.FromMilliseconds(200) } });
        using var first = await bench.ConnectAsync();
        using var second = await bench.ConnectAsync();

        await second.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        var partial = await first.SendAsync("GET / HTTP/1.1\r\nHost: ");
        var next = await second.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        var behind = await second.SendAsync("GET / HTTP/1.1\r\nHost: ");

        Assert.Equal((408, "close", 200, 408), (partial.Status, partial.Header("connection"), next.Status, behind.Status));
        Assert.Equal(ConnectionEnd.Closed, await first.EndAsync());
        Assert.Equal(ConnectionEnd.Closed, await second.EndAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\nHo")]
    [InlineData("PRI * HT")]
    public async Task Client_that_ends_before_a_whole_head_is_closed_without_an_answer(string beginning)
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok);
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(beginning);
        client.Bytes.EndSending();

        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
        Assert.Equal(0, bench.Counters.Requests);
    }
}
