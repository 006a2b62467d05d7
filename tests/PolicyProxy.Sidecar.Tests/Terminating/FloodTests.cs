using PolicyProxy.Sidecar.Tests.Relay;
using PolicyProxy.TestKit.Http2;
using static PolicyProxy.Sidecar.Tests.Terminating.Http2Bench;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>
/// Clients that want the proxy to work or to remember more than their requests are worth. Each is cut off or costs a bounded amount; the next client is served
/// and judged as before.
/// </summary>
[Collection(nameof(FloodCollection))]
public sealed class FloodTests
{
    // What the process may have kept while a flood lasts; each sends more, or asks for more to be kept.
    private const long MaxKeptBytes = 16 * 1024 * 1024;
    private const int FloodBytes = 64 * 1024 * 1024;
    private const int BlockBytes = 64 * 1024;

    [Theory]
    [InlineData("PING")]
    [InlineData("SETTINGS")]
    [InlineData("PRIORITY")]
    [InlineData("WINDOW_UPDATE")]
    [InlineData("of an unknown type")]
    public async Task Frames_beside_requests_are_not_kept_while_nobody_reads_the_answers(string kind)
    {
        await using var bench = await StartAsync();
        using var connection = await bench.ConnectAsync();

        var kept = await FloodAsync(connection, kind switch
        {
            "PING" => new Http2Frame(Http2FrameType.Ping, Http2Flags.None, 0, new byte[8]),
            "SETTINGS" => Http2Frame.Settings((1, 0), (3, 100), (4, 65_535)),
            "PRIORITY" => new Http2Frame(Http2FrameType.Priority, Http2Flags.None, 1, [0, 0, 0, 3, 15]),
            "WINDOW_UPDATE" => Http2Frame.WindowUpdate(0, 1),
            _ => new Http2Frame((Http2FrameType)200, Http2Flags.None, 0, new byte[64]),
        });

        Assert.InRange(kept, long.MinValue, MaxKeptBytes);
        await bench.AssertHealthyAsync();
    }

    [Fact]
    public async Task Empty_frames_of_a_body_are_not_kept()
    {
        await using var bench = await StartAsync();
        using var connection = await bench.ConnectAsync();
        var stream = await connection.OpenAsync(Post("/ok/upload"), ends: false);

        var kept = await FloodAsync(connection, Http2Frame.Data(stream, [], ends: false));

        Assert.InRange(kept, long.MinValue, MaxKeptBytes);
        await bench.AssertHealthyAsync();
    }

    [Fact]
    public async Task Field_section_that_never_ends_ends_the_connection()
    {
        await using var bench = await StartAsync();
        using var connection = await bench.ConnectAsync();
        var block = HpackBlock.Of([.. Enumerable.Range(0, 15).Select(static i => ($"a{i}", new string('b', 1000)))]);
        await connection.WriteAsync(new Http2Frame(Http2FrameType.Headers, Http2Flags.EndStream, 1, Get("/ok")));
        var drained = connection.DrainAsync();

        var blocks = await connection.FloodAsync(new Http2Frame(Http2FrameType.Continuation, Http2Flags.None, 1, block).Wire, FloodBytes / block.Length);
        await drained;

        Assert.InRange(blocks, 4, (FloodBytes / block.Length) - 1); // what fits into sockets is sent before anybody says no
        Assert.Empty(bench.Upstream.Received);
        await bench.AssertHealthyAsync();
    }

    [Fact]
    public async Task Field_section_of_endless_empty_frames_ends_with_the_time_for_heads()
    {
        await using var bench = await StartAsync(
            change: static options => options with { Relay = options.Relay with { HeadTimeout = TimeSpan.FromSeconds(1) } });
        using var connection = await bench.ConnectAsync();
        await connection.WriteAsync(new Http2Frame(Http2FrameType.Headers, Http2Flags.EndStream, 1, Get("/ok")));
        var drained = connection.DrainAsync();

        var blocks = await connection.FloodAsync(Block(new Http2Frame(Http2FrameType.Continuation, Http2Flags.None, 1, [])), int.MaxValue);
        await drained;

        Assert.True(blocks > 0 && connection.IsClosed);
        Assert.Empty(bench.Upstream.Received);
        await bench.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("RST_STREAM")] // CVE-2023-44487
    [InlineData("WINDOW_UPDATE of 0")] // CVE-2025-8671: the server is made to reset
    [InlineData("WINDOW_UPDATE over the limit")]
    [InlineData("second field section")]
    [InlineData("DATA behind the end")]
    [InlineData("PRIORITY of the wrong length")]
    public async Task Streams_that_are_reset_as_soon_as_they_are_opened_end_the_connection(string how)
    {
        const int Streams = 20_000;
        await using var bench = await StartAsync(policy: RelayPolicies.Http("{}"));
        using var connection = await bench.ConnectAsync();
        var drained = connection.DrainAsync();
        var opened = 0;
        for (var goesOn = true; goesOn && opened < Streams; opened++)
        {
            var stream = (2 * opened) + 1;
            var end = how switch
            {
                "RST_STREAM" => Http2Frame.Reset(stream),
                "WINDOW_UPDATE of 0" => Http2Frame.WindowUpdate(stream, 0),
                "WINDOW_UPDATE over the limit" => Http2Frame.WindowUpdate(stream, int.MaxValue),
                "second field section" => Http2Frame.Headers(stream, Get("/hold")),
                "PRIORITY of the wrong length" => new Http2Frame(Http2FrameType.Priority, Http2Flags.None, stream, [0, 0, 0, 0]),
                _ => Http2Frame.Data(stream, new byte[1], ends: true),
            };
            goesOn = await connection.TryWriteAsync((byte[])[.. Http2Frame.Headers(stream, Get("/hold")).Wire, .. end.Wire]);
        }

        await drained;

        Assert.InRange(opened, 1, Streams - 1);
        Assert.True(bench.Drops() > 0, "no flow tells of it");
        Assert.InRange(bench.Upstream.Requests, 0, 2 * new Sidecar.Terminating.Http2Options().MaxStreams);
        bench.Upstream.Release();
        Assert.Equal("200", (await bench.AskAsync(Get("/next"))).Outcome);
    }

    [Fact]
    public async Task Streams_over_the_limit_are_refused_and_the_others_are_served()
    {
        const int Over = 3;
        await using var bench = await StartAsync(policy: RelayPolicies.Http("{}"), change: static options => options with { Http2 = options.Http2 with { MaxStreams = 10 } });
        using var connection = await bench.ConnectAsync();
        var streams = new List<int>();
        for (var i = 0; i < 10 + Over; i++)
        {
            streams.Add(await connection.OpenAsync(Get("/hold")));
        }

        var refused = new List<Http2Answer>();
        foreach (var stream in streams.Skip(10))
        {
            refused.Add(await connection.AnswerAsync(stream));
        }

        bench.Upstream.Release();
        var served = new List<Http2Answer>();
        foreach (var stream in streams.Take(10))
        {
            served.Add(await connection.AnswerAsync(stream));
        }

        Assert.All(refused, static answer => Assert.Equal(Http2Error.RefusedStream, answer.Reset));
        Assert.All(served, static answer => Assert.Equal("200", answer.Outcome));
        Assert.Equal(10, bench.Upstream.Requests);
    }

    [Fact]
    public async Task Small_section_that_unpacks_to_a_large_one_ends_the_connection()
    {
        await using var bench = await StartAsync();
        using var connection = await bench.ConnectAsync();
        byte[] references = [.. Enumerable.Repeat((byte)0xbe, 8000)]; // index 62, the newest entry of the dynamic table: 8,000 x 4,000 bytes
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var answer = await connection.AskAsync([.. Get("/ok"), .. HpackBlock.Indexed("bomb", new string('b', 4000)), .. references]);

        Assert.StartsWith("GOAWAY", answer.Outcome, StringComparison.Ordinal);
        Assert.Equal(1, bench.Drops());
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: false) - before, long.MinValue, MaxKeptBytes);
        Assert.Empty(bench.Upstream.Received);
        await bench.AssertHealthyAsync();
    }

    // Sends without reading until the peer takes no more, measures, then reads so that the rest goes through or the peer says why not.
    private static async Task<long> FloodAsync(RawHttp2Connection connection, Http2Frame frame)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _ = await connection.FloodAsync(Block(frame), FloodBytes / BlockBytes);
        return GC.GetTotalMemory(forceFullCollection: true) - before;
    }

    private static byte[] Block(Http2Frame frame)
    {
        var wire = frame.Wire;
        return [.. Enumerable.Repeat(wire, BlockBytes / wire.Length).SelectMany(static each => each)];
    }
}
