using System.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Sidecar.Tests.Relay;
using PolicyProxy.TestKit.Http;
using PolicyProxy.TestKit.Http2;
using static PolicyProxy.Sidecar.Tests.Terminating.Http2Bench;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>What goes on after a stream was let in: flow control, WebSockets, the end of the connection, and the ways into HTTP/2.</summary>
public sealed class StreamTests
{
    private const string Switch = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n";

    private static readonly (string, string)[] s_socket =
        [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/ok/socket"), (":authority", Host), ("sec-websocket-version", "13")];

    [Fact]
    public async Task Client_that_does_not_read_stops_the_origin_and_goes_on_when_it_does()
    {
        await using var bench = await StartAsync(policy: RelayPolicies.Http("{}"));
        using var connection = await bench.ConnectAsync(keepsWindow: true);
        var stream = await connection.OpenAsync(Get("/pump"));
        Assert.Equal(200, (await connection.HeadAsync(stream)).Status);

        await UntilUnchangedAsync(() => bench.Upstream.Pumped);
        var stopped = bench.Upstream.Pumped;
        await connection.WriteAsync(Http2Frame.WindowUpdate(0, 1 << 24), Http2Frame.WindowUpdate(stream, 1 << 24));
        var read = 0L;
        while (read < stopped + (4 << 20))
        {
            read += (await connection.ReadAsync())!.Payload.Length;
        }

        Assert.InRange(stopped, 65_535, 4 << 20); // a window and the sockets' buffers; without limit it would be gigabytes
    }

    [Fact]
    public async Task WebSocket_echoes_and_is_cut_when_policies_forbid_it()
    {
        await using var bench = await StartAsync(HttpProtocols.Http1);
        using var connection = await bench.ConnectAsync();
        var stream = await connection.OpenAsync(HpackBlock.Of(s_socket), ends: false);
        Assert.Equal(200, (await connection.HeadAsync(stream)).Status);

        await connection.WriteAsync(Http2Frame.Data(stream, [0x81, 0x82, 0, 0, 0, 0, (byte)'h', (byte)'i'], ends: false)); // a text frame with a mask of zeros
        var echo = await connection.UntilAsync(static frame => frame.Type == Http2FrameType.Data && frame.Payload.Length > 0);
        await bench.ReloadAsync(RelayPolicies.Http("{path: /other}"));
        var answer = await connection.AnswerAsync(stream);

        Assert.Equal("hi"u8.ToArray(), echo!.Payload.AsSpan(^2).ToArray());
        Assert.Equal(Http2Error.Connect, answer.Reset);
        Assert.Equal("403", (await bench.AskAsync(HpackBlock.Of(s_socket))).Outcome);
    }

    [Fact]
    public async Task Plain_request_that_runs_is_not_cut_when_policies_change_and_the_next_one_is_denied()
    {
        await using var bench = await StartAsync(policy: RelayPolicies.Http("{path: /hold}"));
        using var connection = await bench.ConnectAsync();
        var stream = await connection.OpenAsync(Get("/hold"));
        await bench.Upstream.Held;

        await bench.ReloadAsync(RelayPolicies.Http("{path: /other}"));
        var next = await connection.AskAsync(Get("/hold"));
        bench.Upstream.Release();

        Assert.Equal("403", next.Outcome);
        Assert.Equal("200", (await connection.AnswerAsync(stream)).Outcome);
    }

    [Fact]
    public async Task Sidecar_that_stops_says_so_and_finishes_what_runs()
    {
        await using var bench = await StartAsync(policy: RelayPolicies.Http("{}"));
        using var connection = await bench.ConnectAsync();
        var stream = await connection.OpenAsync(Get("/hold"));
        await bench.Upstream.Held;

        var stopping = bench.Server.StopAsync();
        var goAway = await connection.UntilAsync(static frame => frame.Type == Http2FrameType.GoAway);
        bench.Upstream.Release();
        var answer = await connection.AnswerAsync(stream);
        await connection.DrainAsync();
        await stopping;

        Assert.NotNull(goAway);
        Assert.Equal((Http2Error.None, "200"), (connection.GoneAway, answer.Outcome));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Switch)]
    public async Task Connection_that_began_with_HTTP1_stays_HTTP1(string fields)
    {
        await using var bench = await StartAsync(HttpProtocols.Http1);
        using var client = await RawHttpConnection.ConnectAsync(bench.Address);

        var first = await client.SendAsync($"GET /ok HTTP/1.1\r\nHost: {Host}\r\n{fields}\r\n");
        var second = await client.SendAsync(RawHttp2Connection.Preface);

        Assert.Equal((200, 505), (first.Status, second.Status));
        Assert.True(await client.IsClosedAsync());
        Assert.Equal(1, bench.Upstream.Requests);
    }

    [Fact]
    public async Task Switch_to_h2c_with_the_preface_behind_it_is_one_request()
    {
        await using var bench = await StartAsync(HttpProtocols.Http1);
        using var client = await RawHttpConnection.ConnectAsync(bench.Address);

        await client.WriteAsync($"GET /ok HTTP/1.1\r\nHost: {Host}\r\n{Switch}\r\n{RawHttp2Connection.Preface}");
        var answer = await client.ReadAsync();

        Assert.Equal((200, 505), (answer.Status, (await client.ReadAsync()).Status));
        Assert.Equal($"GET /ok HTTP/1.1\nhost: {Host}", Assert.Single(bench.Upstream.Received));
    }

    [Theory]
    [InlineData("PRI * HTTP/2.0\r\n\r\nGET /no HTTP/1.1\r\nHost: a.example\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\nHost: a.example\r\n\r\nSM\r\n\r\n")]
    [InlineData("PRI * HTTP/1.1\r\nHost: a.example\r\n\r\n")]
    public async Task What_only_begins_like_the_preface_is_refused(string bytes)
    {
        await using var bench = await StartAsync(HttpProtocols.Http1);

        var answer = await RawHttpConnection.SendAsync(bench.Address, bytes);

        Assert.InRange(answer.Status, 400, 505);
        Assert.Empty(bench.Upstream.Received);
    }

    private static async Task UntilUnchangedAsync(Func<long> value)
    {
        var (last, since) = (value(), Stopwatch.GetTimestamp());
        await RelayBench.UntilAsync(
            () =>
            {
                if (value() is var now && now != last)
                {
                    (last, since) = (now, Stopwatch.GetTimestamp());
                }

                return Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(1);
            },
            "the origin to stop");
    }
}
