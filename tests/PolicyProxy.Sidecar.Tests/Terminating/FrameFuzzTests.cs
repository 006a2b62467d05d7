using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.TestKit.Http2;
using Xunit.Abstractions;
using static PolicyProxy.Sidecar.Tests.Terminating.Http2Bench;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>
/// Connections of random frames, most of them damaged: bytes flipped, frames left out, doubled, swapped, cut short, with wrong flags, streams and lengths. What
/// arrives is what policy allows, and the next client is served.
/// </summary>
public sealed class FrameFuzzTests(ITestOutputHelper output)
{
    private const int Seed = 9113;
    private const int Connections = 2_000;
    private const int Workers = 32;
    private const int LastStream = 101;

    [Theory]
    [InlineData(HttpProtocols.Http2)]
    [InlineData(HttpProtocols.Http1)]
    public async Task Damaged_frames_bring_nothing_to_the_origin_that_policy_does_not_allow(HttpProtocols upstream)
    {
        await using var bench = await StartAsync(upstream);
        var endings = new ConcurrentDictionary<string, int>();
        await Parallel.ForAsync(0, Connections, new ParallelOptions { MaxDegreeOfParallelism = Workers }, async (round, _) =>
        {
            var random = new Random((Seed * 100_003) + round);
            using var connection = await bench.ConnectAsync();
            if (await connection.TryWriteAsync(Damage(random, Frames(random))) && await connection.TryWriteAsync(Http2Frame.Headers(LastStream, Get("/ok/last")).Wire))
            {
                await UntilServedAsync(connection);
                connection.EndSending();
            }

            await connection.DrainAsync();
            endings.AddOrUpdate(connection.GoneAway?.ToString() ?? "closed", 1, static (_, count) => count + 1);
        });

        output.WriteLine($"seed {Seed}: {bench.Upstream.Requests} requests arrived; {string.Join(", ", endings.OrderByDescending(static end => end.Value).Select(static end => $"{end.Key} {end.Value}"))}");
        Assert.All(bench.Upstream.Received, static request =>
        {
            var lines = request.Split('\n');
            Assert.Matches("^(GET|POST) /ok(/.*)? HTTP/(1.1|2)$", lines[0]);
            Assert.Contains("host: a.example", lines);
        });
        Assert.InRange(bench.Upstream.Requests, Connections / 10, 10 * Connections); // or nothing was tested
        Assert.InRange(endings.GetValueOrDefault(nameof(Http2Error.Protocol)), Connections / 20, Connections);
        await bench.AssertHealthyAsync();
    }

    // Kestrel gives up what runs when a client closes its side. A last request that a damaged frame has swallowed is not answered: its connection ends without.
    private static async Task UntilServedAsync(RawHttp2Connection connection)
    {
        try
        {
            _ = await connection.AnswerAsync(LastStream, TimeSpan.FromMilliseconds(200));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static List<Http2Frame> Frames(Random random)
    {
        var frames = new List<Http2Frame>();
        for (var stream = 1; stream < 2 * random.Next(2, 6); stream += 2)
        {
            var path = random.Next(3) switch { 0 => "/no", 1 => "/ok", _ => "/ok/x" };
            switch (random.Next(5))
            {
                case 0:
                    frames.Add(Http2Frame.Headers(stream, Get(path, ("a", "b"))));
                    break;
                case 1:
                    frames.Add(Http2Frame.Headers(stream, Post(path, ("content-length", "5")), ends: false));
                    frames.Add(Http2Frame.Data(stream, "hello"u8.ToArray(), ends: true));
                    break;
                case 2:
                    var block = Get(path, ("b", new string('c', random.Next(200))));
                    var cut = random.Next(block.Length);
                    frames.Add(new Http2Frame(Http2FrameType.Headers, Http2Flags.EndStream, stream, block[..cut]));
                    frames.Add(new Http2Frame(Http2FrameType.Continuation, Http2Flags.EndHeaders, stream, block[cut..]));
                    break;
                case 3:
                    frames.Add(new Http2Frame(Http2FrameType.Headers, Http2Flags.EndHeaders | Http2Flags.EndStream | Http2Flags.Padded | Http2Flags.Priority, stream,
                        [2, 0, 0, 0, 0, 15, .. Get(path), 0, 0]));
                    break;
                default:
                    frames.Add(Http2Frame.Headers(stream, [.. HpackBlock.Indexed("x", "y"), .. Get(path)]));
                    frames.Add(Http2Frame.Reset(stream));
                    break;
            }

            frames.Add(random.Next(6) switch
            {
                0 => new Http2Frame(Http2FrameType.Ping, Http2Flags.None, 0, new byte[8]),
                1 => Http2Frame.WindowUpdate(0, 100),
                2 => Http2Frame.Settings((4, 70_000)),
                3 => new Http2Frame(Http2FrameType.Priority, Http2Flags.None, stream, [0, 0, 0, 0, 15]),
                _ => Http2Frame.WindowUpdate(stream, 100),
            });
        }

        return frames;
    }

    private static byte[] Damage(Random random, List<Http2Frame> frames)
    {
        for (var i = random.Next(3); i > 0; i--)
        {
            var at = random.Next(frames.Count);
            var frame = frames[at];
            switch (random.Next(7))
            {
                case 0:
                    frames.RemoveAt(at);
                    frames.Add(frame);
                    break;
                case 1:
                    frames.Insert(random.Next(frames.Count), frame);
                    break;
                case 2:
                    frames[at] = frame with { Flags = (Http2Flags)random.Next(256) };
                    break;
                case 3:
                    frames[at] = frame with { Stream = random.Next(12) };
                    break;
                case 4:
                    frames[at] = frame with { Type = (Http2FrameType)random.Next(12) };
                    break;
                case 5:
                    frames[at] = frame with { Payload = frame.Payload[..random.Next(frame.Payload.Length + 1)] };
                    break;
                default:
                    frames[at] = frame with { Payload = [.. frame.Payload, .. frame.Payload] };
                    break;
            }
        }

        var wire = frames.SelectMany(static frame => frame.Wire).ToArray();
        for (var i = random.Next(4); i > 0; i--)
        {
            wire[random.Next(wire.Length)] ^= (byte)(1 << random.Next(8));
        }

        return wire;
    }
}
