using System.Text;
using PolicyProxy.Origins.Tests.Differential;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Requests as clients send them: recorded ones led below the allowed path, and what clients are free to send besides.</summary>
internal static class LegitimateCases
{
    private const string HostField = $"Host: {BypassCase.Host}";

    public static IReadOnlyList<LegitimateCase> All { get; } = [.. Recorded(), .. Targets(), .. Fields(), .. Bodies(), .. Methods()];

    private static IEnumerable<LegitimateCase> Recorded()
    {
        var number = 0;
        foreach (var head in RecordedHeads.All)
        {
            var message = MutantMessage.Of(head);
            number++;
            if (message.Method == "CONNECT" || message.Target == "*" || message.Target.Contains("/../", StringComparison.Ordinal))
            {
                continue; // among the refusals with reasons
            }

            var authority = message.Target.StartsWith('/') ? -1 : message.Target.IndexOf('/', message.Target.IndexOf("://", StringComparison.Ordinal) + 3);
            var hasBody = message.Body.Length > 0;
            yield return new LegitimateCase
            {
                Name = $"recorded {number}: {message.Method} {message.Target}",
                Method = message.Method,
                Target = authority < 0 ? "/legit" + message.Target : message.Target[..authority] + "/legit" + message.Target[authority..],
                Version = message.Version,
                Fields = [.. message.Fields, .. hasBody ? [message.Framing] : Array.Empty<string>()],
                Body = message.Body,
                Content = hasBody ? "hello" : string.Empty,
                RefusedBy = hasBody && message.Method is "GET" or "HEAD" ? [OriginKind.Lighttpd] : [],
            };
        }
    }

    private static IEnumerable<LegitimateCase> Targets()
    {
        foreach (var target in (string[])
            [
                "/legit/", "/legit/a/b/c", "/legit/a?", "/legit/a?b=c&d=e", "/legit/a?b=%2F..%2F", "/legit/a?b=c%23d", "/legit/a?next=http://other.example/x?y", "/legit/a?b;c", "/legit/a?../..", "/legit/a?q=100%", "/legit/caf%C3%A9", "/legit/%E2%82%AC",
                "/legit/a%20b", "/legit/a+b", "/legit/~user", "/legit/a:b@c", "/legit/a,b;c=d", "/legit/;v=1/a", "/legit/a=b&c", "/legit/(a)", "/legit/$batch", "/legit/!a'b*", "/legit/a_b-c.d", "/legit/.well-known/x", "/legit/..a/b..", "/legit/a%3Fb",
                "/legit/a%3Bb", "/legit/100%25", "/legit/a%2541", "/legit/a//b", "/legit/a%2Fb", "/legit/a/./b", "/legit/a/b/../c", "/legit/%61", "/legit/pkg.Service/Method", "/legit/a.php", "/legit/A/B", "/legit/%F0%9F%98%80", "/legit/a%26b%3Dc",
            ])
        {
            yield return new LegitimateCase { Name = $"target {target}", Target = target, RefusedBy = target.Contains("100%25", StringComparison.Ordinal) ? [OriginKind.Apache] : [] };
        }

        foreach (var target in (string[])["/legit/{id}", "/legit/a|b", "/legit/[1]", "/legit/a^b", "/legit/\"a\"", "/legit/`a`", "/legit/<a>"])
        {
            yield return new LegitimateCase { Name = $"target {target}, not escaped", Target = target };
        }

        yield return new LegitimateCase { Name = "long target", Target = "/legit/" + new string('a', 4_000) };
        yield return new LegitimateCase { Name = "absolute form", Target = $"http://{BypassCase.Host}/legit/a?b" };
        yield return new LegitimateCase { Name = "absolute form with a port", Target = "http://api.example:8080/legit/a", Fields = ["Host: api.example:8080"] };
        yield return new LegitimateCase { Name = "absolute form, scheme in capitals", Target = $"HTTP://{BypassCase.Host}/legit/a", RefusedBy = [OriginKind.Kestrel] };
    }

    private static IEnumerable<LegitimateCase> Fields()
    {
        foreach (var host in (string[])["localhost", "api.example:8080", "API.Example", "127.0.0.1:80", "[::1]:8080", "my_service", "a.b.c.d.example", "xn--bcher-kva.example"])
        {
            yield return new LegitimateCase { Name = $"host {host}", Target = "/legit/a", Fields = [$"Host: {host}"], RefusedBy = host.Contains('_') ? [OriginKind.Lighttpd] : [] };
        }

        foreach (var field in (string[])
            [
                "X-Empty:", "X-No-Space:a", "X-Many-Spaces: \t a \t ", "x-lower: a", "X-UPPER: a", "X_Under_Score: a", "api.version: 1", "X-Utf8: caf\xC3\xA9", "X-Latin1: caf\xE9", "X-Quoted: \"a\\\"b, c\"", "Cookie: a=b; c=\"d\"; e={\"f\":1}",
                "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc", "Accept: text/html, */*;q=0.1", "If-None-Match: W/\"a\", \"b\"", "Range: bytes=0-1,5-", "TE: trailers", "Connection: keep-alive, X-Hop", "Proxy-Connection: keep-alive", "Via: 1.1 a, 1.1 b",
                "X-Forwarded-For: 10.0.0.1, 10.0.0.2", "Forwarded: for=\"[::1]\";proto=https", "Sec-CH-UA: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"", "X-HTTP-Method-Override: PUT", "X-Original-URL: /legit/other", "Priority: u=1, i", "Keep-Alive: timeout=5",
                "Max-Forwards: 10", "Date: Wed, 25 Nov 2026 00:00:00 GMT", "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "Origin: null", "Referer: http://other.example/a#b",
            ])
        {
            yield return new LegitimateCase { Name = $"field {BypassCase.Show(field)}", Target = "/legit/a", Fields = [HostField, field], RefusedBy = field.Contains('\xE9') ? [OriginKind.Kestrel] : [] };
        }

        yield return new LegitimateCase { Name = "fields of one name", Target = "/legit/a", Fields = [HostField, "Accept: a/b", "Accept: c/d", "Cookie: a=b", "Cookie: c=d"] };
        yield return new LegitimateCase { Name = "sixty fields", Target = "/legit/a", Fields = [HostField, .. Enumerable.Range(0, 60).Select(static number => $"X-{number}: {number}")] };
        yield return new LegitimateCase { Name = "long cookie", Target = "/legit/a", Fields = [HostField, "Cookie: " + new string('c', 7_000)] };
        yield return new LegitimateCase { Name = "HTTP/1.0 without Host", Target = "/legit/a", Version = "HTTP/1.0", Fields = [] };
        yield return new LegitimateCase { Name = "HTTP/1.0 keep-alive", Target = "/legit/a", Version = "HTTP/1.0", Fields = [HostField, "Connection: keep-alive"] };
        yield return new LegitimateCase { Name = "Host in the last place", Target = "/legit/a", Fields = ["Accept: */*", HostField] };
    }

    private static IEnumerable<LegitimateCase> Bodies()
    {
        foreach (var (name, content) in ((string, string)[])
            [
                ("JSON", "{\"a\":[1,2,3]}"), ("form", "a=b&c=d%20e"), ("bytes", "\0\x01\xFF\r\n\r\n"), ("a request", BypassCase.Smuggled), ("chunks", "5\r\nhello\r\n0\r\n\r\n"), ("300,000 bytes", new string('m', 300_000)),
            ])
        {
            yield return new LegitimateCase
            {
                Name = $"body of {name}", Method = "POST", Target = "/legit/upload", Fields = [HostField, $"Content-Length: {content.Length}"], Body = content, Content = content,
            };
            yield return new LegitimateCase
            {
                Name = $"chunks of {name}", Method = "PUT", Target = "/legit/upload", Fields = [HostField, "Transfer-Encoding: chunked"], Body = Chunks(content), Content = content,
            };
        }

        foreach (var method in (string[])["GET", "DELETE", "OPTIONS", "PATCH"])
        {
            yield return new LegitimateCase { Name = $"{method} with a body", Method = method, Target = "/legit/a", Fields = [HostField, "Content-Length: 2"], Body = "{}", Content = "{}", RefusedBy = method is "GET" ? [OriginKind.Lighttpd] : [] };
        }

        yield return new LegitimateCase { Name = "empty body", Method = "POST", Target = "/legit/a", Fields = [HostField, "Content-Length: 0"] };
        yield return new LegitimateCase { Name = "no body and no length", Method = "POST", Target = "/legit/a", RefusedBy = [OriginKind.Lighttpd] };
        yield return new LegitimateCase { Name = "empty chunked body", Method = "POST", Target = "/legit/a", Fields = [HostField, "Transfer-Encoding: chunked"], Body = "0\r\n\r\n" };
        yield return new LegitimateCase { Name = "sizes in capitals with zeros", Method = "POST", Target = "/legit/a", Fields = [HostField, "transfer-encoding: Chunked"], Body = "00A\r\n0123456789\r\n000\r\n\r\n", Content = "0123456789" };
        yield return new LegitimateCase
        {
            Name = "chunk extension", Method = "POST", Target = "/legit/a", Fields = [HostField, "Transfer-Encoding: chunked"], Body = "5;ieof\r\nhello\r\n0\r\n\r\n", Content = "hello", RefusedBy = [OriginKind.Lighttpd],
        };
        yield return new LegitimateCase { Name = "expectation", Method = "PUT", Target = "/legit/a", Fields = [HostField, "Expect: 100-continue", "Content-Length: 5"], Body = "hello", Content = "hello" };
    }

    private static IEnumerable<LegitimateCase> Methods()
    {
        foreach (var method in (string[])["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT", "MKCOL", "M-SEARCH", "SEARCH"])
        {
            yield return new LegitimateCase
            {
                Name = $"method {method}", Method = method, Target = "/legit/a", Fields = method is "PUT" or "PATCH" ? [HostField, "Content-Length: 0"] : [HostField],
                RefusedBy = method is "M-SEARCH" or "SEARCH" ? [OriginKind.Lighttpd] : [],
            };
        }
    }

    private static string Chunks(string content)
    {
        var body = new StringBuilder();
        foreach (var chunk in content.Chunk(4_000))
        {
            body.Append($"{chunk.Length:x}\r\n").Append(chunk).Append("\r\n");
        }

        return body.Append("0\r\n\r\n").ToString();
    }
}
