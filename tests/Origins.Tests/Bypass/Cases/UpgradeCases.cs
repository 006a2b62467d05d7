using static PolicyProxy.Origins.Tests.Bypass.BypassCase;
using static PolicyProxy.Origins.Tests.Bypass.Cases.CaseTable;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Requests that ask for a tunnel or another protocol, to send through it what nobody judges. The origins here never switch.</summary>
internal static class UpgradeCases
{
    private const string Settings = "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA";
    private const string AdminRequest = "GET /admin/a HTTP/1.1\r\nHost: api.example\r\n\r\n";

    private static readonly string[] s_protocols = ["h2c", "H2C", "h2", "h2c, websocket", "websocket, h2c", "HTTP/2.0", "TLS/1.0", "foo/1", "h2c\t", "IRC/6.9, h2c"];

    /// <summary>h2c smuggling: the upgrade goes through, then requests follow that no HTTP/1.1 rule sees.</summary>
    public static IEnumerable<BypassCase> Http2()
    {
        foreach (var protocol in s_protocols)
        {
            foreach (var connection in (string[])["Upgrade, HTTP2-Settings", "upgrade", "HTTP2-Settings", "keep-alive"])
            {
                yield return new BypassCase
                {
                    Name = $"Upgrade: {Show(protocol)}, Connection: {connection}",
                    Steps = [Get($"Connection: {connection}", $"Upgrade: {protocol}", Settings), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + AdminRequest],
                    Reach = 1,
                };
            }
        }

        foreach (var upgrade in (string[])["Upgrade:", "Upgrade: /", "Upgrade: web socket", "Upgrade: websocket\r\nUpgrade: h2c", "Upgrade: h2c\r\nUpgrade: websocket", "Upgrade : h2c", "Upgrade: \"h2c\""])
        {
            yield return Case(Show(upgrade), Get("Connection: Upgrade", upgrade, Settings) + AdminRequest);
        }
    }

    /// <summary>An origin that answers 200, not 101, has not switched: what follows is the next request (CVE-2024-23326).</summary>
    public static IEnumerable<BypassCase> WebSocket()
    {
        var upgrade = Get("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
        yield return new BypassCase { Name = "request behind a 200", Steps = [upgrade, AdminRequest], Reach = 1, Advisory = "CVE-2024-23326" };
        yield return new BypassCase { Name = "request behind an upgrade, at once", Steps = [upgrade + AdminRequest], Reach = 1, Advisory = "CVE-2024-23326" };
        yield return new BypassCase { Name = "allowed request behind a 200", Steps = [upgrade, Allowed], Reach = 2, Advisory = "CVE-2024-23326" };
        yield return new BypassCase { Name = "frames behind a 200", Steps = [upgrade, "\x81\x05hello" + AdminRequest], Reach = 1, Advisory = "CVE-2024-23326" };
        foreach (var version in (string[])["0", "12", "13, 14", "1337", ""])
        {
            yield return new BypassCase
            {
                Name = $"version {version}",
                Steps = [Get("Connection: Upgrade", "Upgrade: websocket", $"Sec-WebSocket-Version: {version}"), AdminRequest],
                Reach = 1,
                Advisory = "CVE-2024-23326",
            };
        }

        yield return Case(
            "upgrade with a body that holds a request",
            Message("GET /public/a HTTP/1.1", [$"Host: {Host}", "Connection: Upgrade", "Upgrade: websocket", $"Content-Length: {Smuggled.Length}"], Smuggled + AdminRequest),
            1);
        yield return Case(
            "upgrade with chunks that hold a request",
            Message("GET /public/a HTTP/1.1", [$"Host: {Host}", "Connection: Upgrade", "Upgrade: websocket", "Transfer-Encoding: chunked"], Chunked(Smuggled) + AdminRequest),
            1);

        // Node.js throws away what comes in one piece with an upgrade: the body behind that piece would be a request to it.
        yield return new BypassCase
        {
            Name = "request in the body of the request behind an upgrade",
            Steps = [upgrade + Upload([$"Content-Length: {Smuggled.Length}"], ""), Smuggled],
            Reach = 2,
        };
        yield return Case("upgrade of a denied path", Message("GET /admin/a HTTP/1.1", [$"Host: {Host}", "Connection: Upgrade", "Upgrade: websocket"]), advisory: "CVE-2022-21679");
        yield return Case("upgrade for another host", Message("GET /public/a HTTP/1.1", ["Host: admin.example", "Connection: Upgrade", "Upgrade: websocket"]), advisory: "CVE-2022-21679");
    }

    /// <summary>Tunnels (CVE-2025-64763: data that comes before the answer).</summary>
    public static IEnumerable<BypassCase> Connect()
    {
        foreach (var (target, host) in ((string, string)[])
            [
                ("api.example:80", "api.example:80"), ("api.example:443", "api.example"), ("admin.example:443", "api.example"), ("api.example", "api.example"), ("127.0.0.1:80", "127.0.0.1:80"), ("api.example:0", "api.example:0"),
                ("/public/a", "api.example"), ("http://api.example/public/a", "api.example"), ("*", "api.example"), (":80", "api.example"), ("", "api.example"), ("user@api.example:80", "api.example:80"), ("[::1]:80", "[::1]:80"),
            ])
        {
            var head = $"CONNECT {target} HTTP/1.1\r\nHost: {host}\r\n\r\n";
            yield return new BypassCase { Name = $"CONNECT {target} with early data", Steps = [head + AdminRequest], Advisory = "CVE-2025-64763" };
            yield return new BypassCase { Name = $"CONNECT {target} with data behind the answer", Steps = [head, AdminRequest], Advisory = "CVE-2026-73547" };
        }

        yield return Case("CONNECT with a body", $"CONNECT api.example:80 HTTP/1.1\r\nHost: api.example:80\r\nContent-Length: {AdminRequest.Length}\r\n\r\n{AdminRequest}", advisory: "CVE-2025-64763");
        yield return Case("connect in lower case", $"connect api.example:80 HTTP/1.1\r\nHost: api.example:80\r\n\r\n{AdminRequest}");
    }
}
