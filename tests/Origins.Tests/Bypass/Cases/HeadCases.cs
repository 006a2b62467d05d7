using static PolicyProxy.Origins.Tests.Bypass.BypassCase;
using static PolicyProxy.Origins.Tests.Bypass.Cases.CaseTable;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Heads whose lines are cut in two ways.</summary>
internal static class HeadCases
{
    public static IEnumerable<BypassCase> EmptyNames()
    {
        foreach (var line in (string[])[":", ": x", ":x: y", " : x", "\t:", "::", ":\r\nX: y", ": close", ":Host: admin.example"])
        {
            yield return Case(Show(line), Get(line) + Smuggled, advisory: "CVE-2023-25725");
            yield return Case($"{Show(line)} before a length", Upload([line, $"Content-Length: {Smuggled.Length}"], Smuggled), advisory: "CVE-2023-25725");
        }
    }

    public static IEnumerable<BypassCase> LineEnds()
    {
        foreach (var end in (string[])["\n", "\r", "\n\r", "\r\r\n", "\x85", "\v", "\f", "\0", "\n\n", "\r\r"])
        {
            yield return Case($"request line that ends with {Show(end)}", $"GET /public/a HTTP/1.1{end}Host: {Host}\r\n\r\n{Smuggled}", advisory: "CVE-2025-22871");
            yield return Case($"field that ends with {Show(end)}", $"GET /public/a HTTP/1.1\r\nHost: {Host}{end}X: y\r\n\r\n{Smuggled}", advisory: "CVE-2025-22871");
            if (end is not ("\x85" or "\v" or "\f"))
            {
                yield return Case($"head that ends with {Show(end)}", $"GET /public/a HTTP/1.1\r\nHost: {Host}\r\nX: y{end}{end}{Smuggled}", advisory: "CVE-2025-58056");
            }

            yield return Case($"field hidden behind {Show(end)}", Get($"X: y{end}Transfer-Encoding: chunked") + Chunked(Smuggled), end == "\x85" ? 1 : 0, "CVE-2023-27493");
        }

        foreach (var start in (string[])["\r\n", "\n", "\r", " ", "\t", "\0", "\r\n\r\n", "\xEF\xBB\xBF", "\x16\x03\x01"])
        {
            yield return Case($"{Show(start)} in front of the request", start + Get());
        }
    }

    public static IEnumerable<BypassCase> Folding()
    {
        foreach (var fold in (string[])["\r\n ", "\r\n\t", "\r\n  ", "\r\n \r\n "])
        {
            yield return Case($"value folded with {Show(fold)}", Get($"X: y{fold}z") + Smuggled);
            yield return Case($"host folded with {Show(fold)}", $"GET /public/a HTTP/1.1\r\nHost:{fold}{Host}\r\n\r\n");
            yield return Case($"coding folded with {Show(fold)}", Upload([$"Transfer-Encoding:{fold}chunked"], Chunked(Smuggled)));
            yield return Case($"length folded with {Show(fold)}", Upload([$"Content-Length: 5{fold}0"], "hello" + Smuggled));
            yield return Case($"first field folded with {Show(fold)}", $"GET /public/a HTTP/1.1{fold}X: y\r\nHost: {Host}\r\n\r\n");
            yield return Case($"name folded with {Show(fold)}", Get($"X{fold}: y") + Smuggled);
        }
    }

    public static IEnumerable<BypassCase> Names()
    {
        foreach (var line in (string[])
            [
                "X : y", "X\t: y", "X Y: z", "X(: y", "X/Y: z", "X@: y", "X,Y: z", "X{: y", "X\"Y\": z", "X;: y", "X=: y", "X?: y", "X[0]: y", "X\\: y", "X\xE9: y", "\x80: y", "X", "X-Y", "X=y", "Host : admin.example",
                "Host\t: admin.example", "Team X: blue", "X-Team : blue",
            ])
        {
            yield return Case(Show(line), Get(line) + Smuggled);
        }
    }

    public static IEnumerable<BypassCase> Controls()
    {
        foreach (var octet in Enumerable.Range(0, 32).Where(static octet => octet is not ('\t' or '\r' or '\n')).Append(0x7F))
        {
            var character = ((char)octet).ToString();
            yield return Case($"value with {Show(character)}", Get($"X: a{character}b") + Smuggled, advisory: octet == 0 ? "CVE-2019-9900" : "");
        }

        foreach (var character in (string[])["\0", "\x01", "\x1F", "\x7F"])
        {
            yield return Case($"name with {Show(character)}", Get($"X{character}: y") + Smuggled, advisory: "CVE-2019-9900");
            yield return Case($"team with {Show(character)}", Message("GET /team/a HTTP/1.1", [$"Host: {Host}", $"X-Team: blue{character}"]), advisory: "CVE-2019-9900");
            yield return Case($"method with {Show(character)}", $"GET{character} /public/a HTTP/1.1\r\nHost: {Host}\r\n\r\n");
            yield return Case($"target with {Show(character)}", $"GET /public/a{character}/../../admin HTTP/1.1\r\nHost: {Host}\r\n\r\n");
        }
    }

    public static IEnumerable<BypassCase> RequestLines()
    {
        foreach (var line in (string[])
            [
                "GET  /public/a HTTP/1.1", "GET /public/a  HTTP/1.1", "GET\t/public/a HTTP/1.1", "GET /public/a\tHTTP/1.1", " GET /public/a HTTP/1.1", "GET /public/a HTTP/1.1 ", "GET /public/a b HTTP/1.1",
                "GET /admin/a HTTP/1.1 /public/a HTTP/1.1", "GET /public/a HTTP/1.1 HTTP/1.1", "GET /public/a", "GET", "", "/public/a HTTP/1.1", "GET/public/a HTTP/1.1", "GET /public/a HTTP", "GET /public/a HTTP/1",
                "GET /public/a http/1.1", "GET /public/a HTTPS/1.1", "GET /public/a ICY/1.1", "get\0 /public/a HTTP/1.1", "G(T /public/a HTTP/1.1", "{} /public/a HTTP/1.1", "\"GET\" /public/a HTTP/1.1", "GET: /public/a HTTP/1.1",
                "GET public/a HTTP/1.1", "GET ./public/a HTTP/1.1", "GET ../public/a HTTP/1.1", "GET \\public\\a HTTP/1.1", "GET %2Fpublic/a HTTP/1.1", "GET * HTTP/1.1", "OPTIONS * HTTP/1.1", "GET ?a HTTP/1.1", "GET ;/public/a HTTP/1.1",
            ])
        {
            yield return Case(Show(line), $"{line}\r\nHost: {Host}\r\n\r\n", advisory: "CVE-2023-27491");
        }
    }

    public static IEnumerable<BypassCase> Versions()
    {
        foreach (var version in (string[])["HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/3.0", "HTTP/0.0", "HTTP/1.10", "HTTP/01.1", "HTTP/1.01", "HTTP/+1.1", "HTTP/1,1", "HTTP/1.1.1", "HTTP/11", "HTTP/a.b", "HTTP/ 1.1"])
        {
            yield return Case(version, $"GET /public/a {version}\r\nHost: {Host}\r\n\r\n{Smuggled}");
        }

        yield return Case("HTTP/0.9 in one line", "GET /admin/a\r\n");
        yield return Case("HTTP/0.9 behind a request", Allowed + "GET /admin/a\r\n", reach: 1);
        yield return Case("preface of HTTP/2 behind a request", Allowed + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Smuggled, reach: 1);
        yield return Case("preface of HTTP/2 with HTTP/1 behind it", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Smuggled);
        yield return Case("preface of HTTP/2 cut short", "PRI * HTTP/2.0\r\n\r\n" + Smuggled);
    }
}
