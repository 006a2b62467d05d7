using static PolicyProxy.Origins.Tests.Bypass.BypassCase;
using static PolicyProxy.Origins.Tests.Bypass.Cases.CaseTable;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Several requests, and what happens around the one that is refused.</summary>
internal static class SequenceCases
{
    public static IEnumerable<BypassCase> BehindDenied()
    {
        var length = $"Content-Length: {Smuggled.Length}";
        foreach (var method in (string[])["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"])
        {
            yield return Case($"denied {method} with a body that is a request", Message($"{method} /admin/a HTTP/1.1", [$"Host: {Host}", length], Smuggled) + Allowed, 1);
            yield return Case($"denied {method} with chunks that are a request", Message($"{method} /admin/a HTTP/1.1", [$"Host: {Host}", "Transfer-Encoding: chunked"], Chunked(Smuggled)) + Allowed, 1);
        }

        yield return new BypassCase
        {
            Name = "body behind the denial",
            Steps = [Message("POST /admin/a HTTP/1.1", [$"Host: {Host}", length]), Smuggled + Allowed],
            Reach = 1,
        };
        yield return new BypassCase
        {
            Name = "half of the body behind the denial",
            Steps = [Message("POST /admin/a HTTP/1.1", [$"Host: {Host}", $"Content-Length: {2 * Smuggled.Length}"], Smuggled), Smuggled + Allowed],
            Reach = 1,
        };
        yield return Case("denied request without its body", Message("POST /admin/a HTTP/1.1", [$"Host: {Host}", "Content-Length: 100000"], Smuggled));
        yield return Case("denied request with a body too long to read", Message("POST /admin/a HTTP/1.1", [$"Host: {Host}", "Content-Length: 10000000"], Smuggled));
        yield return Case("denied request with bad chunks", Message("POST /admin/a HTTP/1.1", [$"Host: {Host}", "Transfer-Encoding: chunked"], $"5;\nhello\r\n0\r\n\r\n{Smuggled}"));
        yield return Case("denied request that says close", Message("GET /admin/a HTTP/1.1", [$"Host: {Host}", "Connection: close"], Smuggled));
        yield return Case("request behind a malformed one", "GET /public/a HTTP/1.1\r\nHost: api.example\r\nX : y\r\n\r\n" + Smuggled);
        yield return Case("denied between allowed ones", Allowed + Message("GET /admin/a HTTP/1.1", [$"Host: {Host}"]) + Allowed, 2);
        yield return Case("many denied", string.Concat(Enumerable.Repeat(Message("GET /admin/a HTTP/1.1", [$"Host: {Host}"]), 50)) + Allowed, 1);
        yield return Case("many allowed, each answered once", string.Concat(Enumerable.Repeat(Allowed, 30)), 30);
        yield return Case("request behind one that says close", Get("Connection: close") + Smuggled, 1);
        yield return Case("ambiguous between allowed ones", Allowed + Message("GET /public/..%2fadmin/a HTTP/1.1", [$"Host: {Host}"]) + Allowed, 2);
    }

    public static IEnumerable<BypassCase> Expect()
    {
        foreach (var expectation in (string[])["100-continue, x", "x", "", "200-ok", "100-continue\r\nExpect: 100-continue", "100-continue=1", "\"100-continue\"", "100-continu", "99-continue", "100-continue;a"])
        {
            yield return Case($"Expect: {Show(expectation)}", Upload([$"Expect: {expectation}", $"Content-Length: {Smuggled.Length}"], Smuggled));
        }

        var length = $"Content-Length: {Smuggled.Length}";
        yield return new BypassCase { Name = "body at once", Steps = [Upload(["Expect: 100-continue", length], Smuggled)], Reach = 1 };
        yield return new BypassCase { Name = "body behind the 100", Steps = [Upload(["Expect: 100-continue", length], ""), Smuggled], Reach = 1 };
        yield return new BypassCase { Name = "chunks behind the 100", Steps = [Upload(["Expect: 100-continue", "Transfer-Encoding: chunked"], ""), Chunked(Smuggled)], Reach = 1 };
        yield return new BypassCase { Name = "expectation without a body", Steps = [Get("Expect: 100-continue") + Allowed], Reach = 2 };
        yield return new BypassCase { Name = "denied, body at once", Steps = [Message("POST /admin/a HTTP/1.1", [$"Host: {Host}", "Expect: 100-continue", length], Smuggled)] };
        yield return new BypassCase { Name = "denied, body behind the denial", Steps = [Message("POST /admin/a HTTP/1.1", [$"Host: {Host}", "Expect: 100-continue", length]), Smuggled] };
        yield return new BypassCase { Name = "denied, next request instead of the body", Steps = [Message("POST /admin/a HTTP/1.1", [$"Host: {Host}", "Expect: 100-continue", length]), SmuggledAdmin] };
        yield return new BypassCase { Name = "HTTP/1.0 with an expectation", Steps = [Message("POST /upload/a HTTP/1.0", [$"Host: {Host}", "Expect: 100-continue", length], Smuggled)], Reach = 1 };
    }

    /// <summary>More of everything than there can be; behind it a request that must not be found.</summary>
    public static IEnumerable<BypassCase> Oversized()
    {
        yield return Case("target", $"GET /public/{new string('a', 9_000)} HTTP/1.1\r\nHost: {Host}\r\n\r\n{Smuggled}");
        yield return Case("target of a megabyte", $"GET /public/{new string('a', 1_000_000)} HTTP/1.1\r\nHost: {Host}\r\n\r\n{Smuggled}");
        yield return Case("query", $"GET /public/a?{new string('a', 9_000)} HTTP/1.1\r\nHost: {Host}\r\n\r\n{Smuggled}");
        yield return Case("method", $"{new string('G', 40)} /public/a HTTP/1.1\r\nHost: {Host}\r\n\r\n{Smuggled}");
        yield return Case("method of a megabyte", $"{new string('G', 1_000_000)} /public/a HTTP/1.1\r\nHost: {Host}\r\n\r\n{Smuggled}");
        yield return Case("host", $"GET /public/a HTTP/1.1\r\nHost: {new string('a', 300)}.example\r\n\r\n{Smuggled}");
        yield return Case("field", Get($"X: {new string('y', 70_000)}") + Smuggled);
        yield return Case("field name", Get($"{new string('x', 70_000)}: y") + Smuggled);
        yield return Case("fields", Get(Enumerable.Repeat("X: y", 101)) + Smuggled);
        yield return Case("many fields", Get(Enumerable.Repeat("X: y", 20_000)) + Smuggled);
        yield return Case("empty fields", Get(Enumerable.Repeat("X:", 5_000)) + Smuggled);
        yield return Case("head without end", $"GET /public/a HTTP/1.1\r\nHost: {Host}\r\n{new string('x', 200_000)}");
        yield return Case("version", $"GET /public/a HTTP/1.1{new string('1', 70_000)}\r\nHost: {Host}\r\n\r\n{Smuggled}");
        yield return Case("cookie", Get($"Cookie: {new string('c', 66_000)}") + Smuggled);
        yield return Case("authority", $"GET http://{new string('a', 9_000)}/public/a HTTP/1.1\r\nHost: {Host}\r\n\r\n{Smuggled}");
        yield return Case("path override", Get($"X-Original-URL: /public/{new string('a', 9_000)}") + Allowed, 2);
        yield return Case("climbs", $"GET /public{string.Concat(Enumerable.Repeat("/..", 2_000))}/admin/a HTTP/1.1\r\nHost: {Host}\r\n\r\n");
        yield return Case("escapes", $"GET /public/{string.Concat(Enumerable.Repeat("%2e", 2_000))} HTTP/1.1\r\nHost: {Host}\r\n\r\n", 1);
    }
}
