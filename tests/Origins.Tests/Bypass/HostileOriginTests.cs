using System.Text;
using PolicyProxy.Flows;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>
/// An origin that answers in bad faith opens no tunnel, and what it says to nobody reaches nobody: each response is for the client that
/// asked, and behind it the next request is judged like any other.
/// </summary>
public sealed class HostileOriginTests
{
    private const string Plain = "GET /public/a HTTP/1.1\r\nHost: api.example\r\n\r\n";
    private const string Head = "HEAD /public/a HTTP/1.1\r\nHost: api.example\r\n\r\n";
    private const string WebSocket =
        "GET /public/a HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private const string Http2Upgrade = "GET /public/a HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n";
    private const string Poison = "HTTP/1.1 200 OK\r\nX-Poison: poison\r\nContent-Length: 0\r\n\r\n";
    private const string Forbidden = "GET /admin/a HTTP/1.1\r\nHost: api.example\r\n\r\n";

    public static TheoryData<string, string, int> Answers { get; } = new()
    {
        // 101 that nobody asked for, or for something else (CVE-2024-23326 is its mirror: 200 for an upgrade)
        { Plain, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 502 },
        { Plain, "HTTP/1.1 101 Switching Protocols\r\n\r\n" + Poison, 502 },
        { WebSocket, "HTTP/1.1 101 Switching Protocols\r\n\r\n", 502 },
        { WebSocket, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n", 502 },
        { WebSocket, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 502 },
        { WebSocket, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n", 502 },
        { Http2Upgrade, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 502 },
        { WebSocket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200 },
        { WebSocket, "HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n", 200 },
        { WebSocket, "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n", 426 },

        // a second response behind the first
        { Plain, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + Poison, 200 },
        { Plain, "HTTP/1.1 204 No Content\r\n\r\n" + Poison, 204 },
        { Plain, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" + Poison, 304 },
        { Head, "HTTP/1.1 200 OK\r\nContent-Length: 56\r\n\r\n" + Poison, 200 },
        { Head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Poison, 200 },
        { Plain, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Poison, 200 },

        // a response that ends at two places
        { Plain, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Poison, 502 },
        { Plain, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 56\r\n\r\n" + Poison, 502 },
        { Plain, "HTTP/1.1 200 OK\r\nContent-Length: 0, 56\r\n\r\n" + Poison, 502 },
        { Plain, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n" + Poison, 502 },
        { Plain, "HTTP/1.1 200 OK\r\nX: y\r\n Content-Length: 0\r\n\r\n" + Poison, 502 },
        { Plain, "HTTP/1.1 200 OK\nContent-Length: 0\n\n" + Poison, 502 },
        { Plain, "HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n" + Poison, 502 },
        { Plain, "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n" + Poison, 502 },
        { Plain, "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n" + Poison, 502 },
        { Plain, "ICY 200 OK\r\nContent-Length: 0\r\n\r\n" + Poison, 502 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Answer_in_bad_faith_opens_nothing_and_reaches_no_other_client(string request, string answer, int status)
    {
        await using var origin = new HostileOrigin(answer);
        await using var sidecar = await BypassSidecar.StartServerAsync(origin.Address, new FlowLog());

        var attacker = await SendAsync(sidecar, request, Forbidden, "GET /public/second HTTP/1.1\r\nHost: api.example\r\n\r\n");
        var victim = await SendAsync(sidecar, "GET /public/victim HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", attacker, StringComparison.Ordinal);
        Assert.DoesNotContain("poison", attacker, StringComparison.Ordinal);
        Assert.DoesNotContain("/admin", origin.Received, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 OK\r\nX-Target: /public/victim\r\n", victim, StringComparison.Ordinal);
        Assert.DoesNotContain("poison", victim, StringComparison.Ordinal);
    }

    private static async Task<string> SendAsync(Sidecar.SidecarServer sidecar, params string[] steps)
    {
        var (bytes, isClosed) = await BypassClient.ReceiveAllAsync(sidecar.Addresses[0], steps, TestKit.Origins.Origin.Patience);
        Assert.True(isClosed, $"still open: {BypassCase.Show(Encoding.Latin1.GetString(bytes))}");
        return Encoding.Latin1.GetString(bytes);
    }
}
