using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Header actions of policy (semantics 5.4) on the wire.</summary>
public sealed class HeaderEditTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static readonly string s_edits = RelayPolicies.Http("""
        {headerMatches: [
          {name: X-Add, value: "1", mismatch: ADD},
          {name: x-set, value: "2", mismatch: REPLACE},
          {name: x-del, value: "3", mismatch: DELETE}]}
        """.ReplaceLineEndings(" "));

    [Theory]
    [InlineData(
        "GET /p?q HTTP/1.1\r\nx-DEL: a\r\nHost: x\r\nB:  c \r\nX-Set: bad\r\nX-DEL: b\r\nx-set: worse\r\nD:\r\n\r\n",
        "GET /p?q HTTP/1.1\r\nHost: x\r\nB:  c \r\nD:\r\nx-add: 1\r\nx-set: 2\r\n\r\n")]
    [InlineData(
        "GET / HTTP/1.1\r\nHost: x\r\nX-Set: 2\r\nX-Add: 1\r\nX-Del: 3\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX-Set: 2\r\nX-Add: 1\r\nX-Del: 3\r\n\r\n")]
    [InlineData(
        "POST / HTTP/1.1\r\nHost: x\r\nX-Del: no\r\nContent-Length: 9\r\n\r\nx-del: no",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nx-add: 1\r\nx-set: 2\r\n\r\nx-del: no")]
    [InlineData(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\nX-Add: 0\r\n\r\n3;a\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\nX-Add: 0\r\nx-add: 1\r\nx-set: 2\r\n\r\n3;a\r\nabc\r\n0\r\n\r\n")]
    public async Task Edits_change_their_lines_and_nothing_else(string sent, string expected)
    {
        var received = new List<string>();
        await using var bench = await RelayBench.StartAsync(
            async connection =>
            {
                while (await connection.ReadRequestAsync() is { } request)
                {
                    received.Add(request);
                    await connection.Bytes.WriteAsync(Ok);
                }
            },
            new BenchSetup { Policy = s_edits });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(sent + sent);
        await client.Bytes.ReadAsync(2 * Ok.Length);
        await client.Bytes.WriteBytewiseAsync(sent);
        await client.Bytes.ReadAsync(Ok.Length);

        Assert.Equal([expected, expected, expected], received);
    }

    [Theory]
    [InlineData("{name: content-length, value: \"5\", mismatch: REPLACE}")]
    [InlineData("{name: content-length, value: \"5\", mismatch: ADD}")]
    [InlineData("{name: content-length, value: \"5\", mismatch: DELETE}")]
    [InlineData("{name: transfer-encoding, value: chunked, mismatch: ADD}")]
    [InlineData("{name: transfer-encoding, value: chunked, mismatch: REPLACE}")]
    [InlineData("{name: host, value: z, mismatch: DELETE}")]
    [InlineData("{name: host, value: z, mismatch: ADD}")]
    [InlineData("{name: host, value: \"a b\", mismatch: REPLACE}")]
    public async Task Edit_that_would_change_what_the_request_means_is_refused(string match)
    {
        await using var bench = await RelayBench.AnsweringAsync(
            Ok, new BenchSetup { Policy = RelayPolicies.Http($"{{path: /edited, headerMatches: [{match}]}}", "{path: /plain}") });
        using var client = await bench.ConnectAsync();

        var refused = await client.SendAsync("POST /edited HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
        var next = await client.SendAsync("GET /plain HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal((500, "Header action failed\r\n", 200), (refused.Status, refused.Body, next.Status));
        Assert.Equal(1, bench.Counters.UpstreamConnects);
    }

    [Fact]
    public async Task Host_may_be_replaced()
    {
        var received = new Signal<string?>();
        await using var bench = await RelayBench.StartAsync(
            async connection =>
            {
                received.Set(await connection.ReadRequestAsync());
                await connection.Bytes.WriteAsync(Ok);
            },
            new BenchSetup { Policy = RelayPolicies.Http("{headerMatches: [{name: host, value: \"y:1\", mismatch: REPLACE}]}") });

        var response = await RawHttpConnection.SendAsync(bench.Address, "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal("GET / HTTP/1.1\r\nA: b\r\nhost: y:1\r\n\r\n", await received.Task);
    }

    [Fact]
    public async Task Edited_head_has_to_be_within_the_limit_like_any_other()
    {
        static string OfLength(int length) =>
            $"GET / HTTP/1.1\r\nHost: x\r\nx-set: 2\r\nA: {new string('a', length - 42)}\r\n\r\n";
        await using var bench = await RelayBench.AnsweringAsync(Ok, new BenchSetup { Policy = s_edits });
        using var client = await bench.ConnectAsync();
        var added = "x-add: 1\r\n".Length;

        Assert.Equal(65_536, OfLength(65_536).Length);
        var fits = await client.SendAsync(OfLength(65_536 - added));
        var tooLong = await client.SendAsync(OfLength(65_536 - added + 1));
        var full = await client.SendAsync(OfLength(65_536));

        Assert.Equal((200, 500, 500), (fits.Status, tooLong.Status, full.Status));
    }
}
