using static PolicyProxy.Origins.Tests.Bypass.BypassCase;
using static PolicyProxy.Origins.Tests.Bypass.Cases.CaseTable;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Fields on which the policy or an application decides.</summary>
internal static class FieldCases
{
    private static readonly string[] s_methodFields = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x-http-method-override"];
    private static readonly string[] s_pathFields = ["X-Original-URL", "X-Rewrite-URL", "X-Envoy-Original-Path", "x-original-url"];

    /// <summary>The policy wants <c>X-Team: blue</c>: all values, however they are sent, have to be that one.</summary>
    public static IEnumerable<BypassCase> Values()
    {
        foreach (var fields in (string[])
            [
                "X-Team: blue\r\nX-Team: red", "X-Team: red\r\nX-Team: blue", "X-Team: blue\r\nX-Team: blue", "X-Team: blue, red", "X-Team: red, blue", "X-Team: blue,red", "X-Team: blue,", "X-Team: ,blue", "X-Team: blue;red",
                "X-Team: blue red", "X-Team: \"blue\"", "X-Team: BLUE", "X-Team: Blue", "X-Team: bluex", "X-Team: xblue", "X-Team:", "X-Team: ", "X-Team: red", "X-Team: b*", "X-Team: .*", "X-Team: blue\r\nX-Team:", "X-Team:\r\nX-Team: blue",
                "X-Team: blue\xFF", "X-Team: blue\xC2\xA0", "X-Team: blue\r\nx-team: red", "X-TEAM: red\r\nx-team: blue", "X_Team: blue", "X.Team: blue", "Team: blue", "X-Teams: blue", "X-Team-: blue", "Y: blue", "X-Team: blue\r\n red", "X-Team: %62lue",
            ])
        {
            yield return Case(Show(fields), Message("GET /team/a HTTP/1.1", [$"Host: {Host}", fields]), advisory: fields.Contains("\r\n", StringComparison.Ordinal) ? "CVE-2026-26308" : "CVE-2026-31838");
        }

        yield return Case("no X-Team", Message("GET /team/a HTTP/1.1", [$"Host: {Host}"]), advisory: "CVE-2023-30851");
        yield return Case("X-Team in the request before", Message("GET /public/a HTTP/1.1", [$"Host: {Host}", "X-Team: blue"]) + Message("GET /team/a HTTP/1.1", [$"Host: {Host}"]), 1, "CVE-2023-30851");
        yield return Case("X-Team in the query", Message("GET /team/a?X-Team=blue HTTP/1.1", [$"Host: {Host}"]));
        yield return Case("X-Team as an option of Connection", Message("GET /team/a HTTP/1.1", [$"Host: {Host}", "X-Team: red", "Connection: X-Team"]));
        yield return Case("X-Team blue", Message("GET /team/a HTTP/1.1", [$"Host: {Host}", "X-Team: blue"]), 1);
        yield return Case("x-team with spaces around blue", Message("GET /team/a HTTP/1.1", [$"Host: {Host}", "x-team: \t blue \t"]), 1);
    }

    /// <summary>A field that decides for the server, under another name that becomes the same variable.</summary>
    public static IEnumerable<BypassCase> Lookalikes()
    {
        foreach (var field in (string[])["X_Team: red", "X.Team: red", "x_team: red", "X_TEAM: blue"])
        {
            yield return Case($"X-Team: blue and {field}", Message("GET /team/a HTTP/1.1", [$"Host: {Host}", "X-Team: blue", field]));
            yield return Case($"{field} and X-Team: blue", Message("GET /team/a HTTP/1.1", [$"Host: {Host}", field, "X-Team: blue"]));
        }
    }

    /// <summary>The method is what an application makes of it.</summary>
    public static IEnumerable<BypassCase> MethodOverrides()
    {
        foreach (var field in s_methodFields)
        {
            foreach (var method in (string[])["DELETE", "PATCH", "PUT", "delete", "TRACE", "CONNECT", "GET, DELETE", "", "*"])
            {
                yield return Case($"{field}: {method} on GET", Get($"{field}: {method}"));
            }

            yield return Case($"{field}: DELETE on POST", Upload([$"{field}: DELETE", "Content-Length: 0"], ""));
            yield return Case($"{field}: GET on POST", Upload([$"{field}: GET", "Content-Length: 0"], ""));
            yield return Case($"{field} twice", Get($"{field}: HEAD", $"{field}: DELETE"));
            yield return Case($"{field}: HEAD on GET", Get($"{field}: HEAD"), 1);
            yield return Case($"{field}: PUT on POST", Upload([$"{field}: PUT", "Content-Length: 0"], ""), 1);
            yield return Case($"{field} on a denied request", Message("DELETE /public/a HTTP/1.1", [$"Host: {Host}", $"{field}: GET"]));
        }
    }

    /// <summary>The path is what an application, or a proxy behind, makes of it.</summary>
    public static IEnumerable<BypassCase> PathOverrides()
    {
        foreach (var field in s_pathFields)
        {
            var advisory = field.Contains("Envoy", StringComparison.Ordinal) ? "CVE-2023-27487" : "CVE-2024-7207";
            foreach (var path in (string[])["/admin/a", "/public/../admin/a", "//admin/a", "/public/..%2fadmin/a", "/public/..;/admin/a", "admin/a", "http://api.example/admin/a", "", "/", "/PUBLIC/a", "/public/a#/admin", "/public/%2e%2e/admin/a"])
            {
                yield return Case($"{field}: {path}", Get($"{field}: {path}"), advisory: advisory);
            }

            yield return Case($"{field} twice", Get($"{field}: /public/b", $"{field}: /admin/a"), advisory: advisory);
            yield return Case($"{field} with an allowed path", Get($"{field}: /public/b"), 1, advisory);
            yield return Case($"{field} on a denied request", Message("GET /admin/a HTTP/1.1", [$"Host: {Host}", $"{field}: /public/a"]), advisory: advisory);
        }
    }

    /// <summary>Each override by itself is allowed, both together are not.</summary>
    public static IEnumerable<BypassCase> OverridesTogether()
    {
        foreach (var method in s_methodFields.Take(3))
        {
            foreach (var path in s_pathFields.Take(3))
            {
                yield return Case($"{method} and {path}", Get($"{method}: HEAD", $"{path}: /item-1"));
                yield return Case($"{path} and {method}", Get($"{path}: /item-1", $"{method}: HEAD"));
            }
        }

        foreach (var field in s_methodFields.Concat(s_pathFields).Take(7))
        {
            var allowed = s_methodFields.Contains(field) ? "HEAD" : "/public/b";
            var denied = s_methodFields.Contains(field) ? "DELETE" : "/admin/a";
            yield return Case($"{field} in two spellings", Get($"{field}: {allowed}", $"{field.Replace('-', '_')}: {denied}"));
            yield return Case($"{field} with underscores", Get($"{field.Replace('-', '_')}: {denied}"));
        }
    }

    /// <summary>Fields by which proxies talk to each other. A client that sends them gains nothing.</summary>
    public static IEnumerable<BypassCase> Internal()
    {
        foreach (var field in (string[])
            [
                "X-Envoy-Internal: true", "X-Envoy-Upstream-Service-Time: 1", "X-Envoy-Decorator-Operation: x", "X-Envoy-Force-Trace: 1", "X-Forwarded-For: 127.0.0.3", "X-Real-IP: 127.0.0.3", "Forwarded: for=127.0.0.3", "X-Forwarded-Proto: https",
                "X-Forwarded-Prefix: /public", "X-Forwarded-Path: /public/a", "X-Policy: allow", "X-Cilium-Identity: 1", "Cilium-Policy: allow", ":path: /public/a", ":authority: api.example", ":method: GET", "X-Forwarded-Uri: /public/a",
            ])
        {
            yield return Case($"{field} on a denied path", Message("GET /admin/a HTTP/1.1", [$"Host: {Host}", field]), advisory: "CVE-2024-28248");
        }
    }

    public static IEnumerable<BypassCase> Connection()
    {
        foreach (var option in (string[])
            [
                "Host", "Content-Length", "Transfer-Encoding", "Authorization", "Cookie", "close, Host", "keep-alive, content-length", "\"close\"", "close;x", "a b", "close\xE9",
            ])
        {
            yield return Case($"Connection: {Show(option)}", Upload([$"Connection: {option}", $"Content-Length: {Smuggled.Length}"], Smuggled));
        }
    }
}
