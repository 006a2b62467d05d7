using static PolicyProxy.Origins.Tests.Bypass.BypassCase;
using static PolicyProxy.Origins.Tests.Bypass.Cases.CaseTable;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>A request that is refused although somebody could mean well with it.</summary>
/// <param name="Shape">What is special about it; the first column of the table in docs/explanation/http-strictness.md.</param>
/// <param name="Status">Status it is answered with.</param>
/// <param name="Bytes">The request.</param>
internal sealed record StrictnessCase(string Shape, int Status, string Bytes);

/// <summary>All requests of that kind. The page gives the reason for each.</summary>
internal static class StrictnessCases
{
    private const string HostField = $"Host: {Host}";

    public static IReadOnlyList<StrictnessCase> All { get; } =
    [
        // length
        new("Two equal Content-Length fields", 400, Post(["Content-Length: 5", "Content-Length: 5"], "hello")),
        new("Content-Length with a leading zero", 400, Post(["Content-Length: 05"], "hello")),
        new("Content-Length together with Transfer-Encoding", 400, Post(["Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n")),
        new("A transfer coding other than chunked", 501, Post(["Transfer-Encoding: gzip, chunked"], "0\r\n\r\n")),
        new("Transfer-Encoding in HTTP/1.0", 400, Message("POST /legit/a HTTP/1.0", [HostField, "Transfer-Encoding: chunked"], "0\r\n\r\n")),
        new("White space behind a chunk's size", 400, Post(["Transfer-Encoding: chunked"], "5 \r\nhello\r\n0\r\n\r\n")),
        new("More than 1,024 bytes of chunk extensions", 400, Post(["Transfer-Encoding: chunked"], $"5;{new string('a', 1_100)}\r\nhello\r\n0\r\n\r\n")),
        new("A chunk of 2 GiB or more", 413, Post(["Transfer-Encoding: chunked"], "80000000\r\n")),
        new("Trailer fields in a request", 400, Post(["Transfer-Encoding: chunked", "Trailer: ETag"], "5\r\nhello\r\n0\r\nETag: \"x\"\r\n\r\n")),

        // lines
        new("Lines that end with LF alone", 400, $"GET /legit/a HTTP/1.1\n{HostField}\n\n"),
        new("An empty line in front of the request", 400, "\r\n" + Message("GET /legit/a HTTP/1.1", [HostField])),
        new("A folded field line", 400, Message("GET /legit/a HTTP/1.1", [HostField, "X-Long: a\r\n b"])),
        new("White space between field name and colon", 400, Message("GET /legit/a HTTP/1.1", [HostField, "X-Field : a"])),
        new("Control bytes in a field value", 400, Message("GET /legit/a HTTP/1.1", [HostField, "X-Field: a\x01"])),
        new("Characters in a field name that RFC 9110 does not allow", 400, Message("GET /legit/a HTTP/1.1", [HostField, "X(1): a"])),
        new("HTTP/1.2 and other unknown versions", 505, Message("GET /legit/a HTTP/1.2", [HostField])),
        new("More than 100 field lines", 431, Message("GET /legit/a HTTP/1.1", [HostField, .. Enumerable.Repeat("X: y", 100)])),
        new("A head of more than 64 KiB", 431, Message("GET /legit/a HTTP/1.1", [HostField, "X: " + new string('y', 66_000)])),
        new("A request-target of more than 8 KiB", 414, Message($"GET /legit/{new string('a', 8_200)} HTTP/1.1", [HostField])),
        new("A method of more than 32 bytes", 501, Message($"{new string('M', 33)} /legit/a HTTP/1.1", [HostField])),

        // names that look alike
        new("`Content_Length`, `Transfer_Encoding`", 400, Message("GET /legit/a HTTP/1.1", [HostField, "Content_Length: 0"])),
        new("Two fields that differ only in `-`, `_` or `.`", 400, Message("GET /legit/a HTTP/1.1", [HostField, "X-Request-Id: 1", "X_Request_Id: 1"])),

        // host
        new("HTTP/1.1 without Host", 400, Message("GET /legit/a HTTP/1.1", [])),
        new("Host with an empty port", 400, Message("GET /legit/a HTTP/1.1", ["Host: api.example:"])),
        new("Host outside ASCII or with escapes", 400, Message("GET /legit/a HTTP/1.1", ["Host: caf\xC3\xA9.example"])),
        new("IPv6 address with a zone in Host", 400, Message("GET /legit/a HTTP/1.1", ["Host: [fe80::1%25eth0]"])),
        new("Absolute form and Host in different spellings", 400, Message("GET http://API.example/legit/a HTTP/1.1", [HostField])),
        new("User information in the target", 400, Message("GET http://user@api.example/legit/a HTTP/1.1", [HostField])),
        new("Absolute form without a path but with a query", 400, Message("GET http://api.example?a HTTP/1.1", [HostField])),

        // target
        new("A fragment in the target", 400, Message("GET /legit/a#b HTTP/1.1", [HostField])),
        new("Bytes outside ASCII in the target", 400, Message("GET /legit/caf\xC3\xA9 HTTP/1.1", [HostField])),
        new("A space in the target", 400, Message("GET /legit/a b HTTP/1.1", [HostField])),
        new("A percent sign that starts no escape", 400, Message("GET /legit/100% HTTP/1.1", [HostField])),
        new("`%00` in the path", 400, Message("GET /legit/a%00 HTTP/1.1", [HostField])),
        new("Escaped escapes of dots and slashes, `%252F`", 400, Message("GET /legit/a%252Fb HTTP/1.1", [HostField])),
        new("`..` together with `//`, `%2F`, `;` or an escaped dot", 400, Message("GET /legit/a/../b//c HTTP/1.1", [HostField])),
        new("`..` with `%3B`, `%20` or a control behind it", 400, Message("GET /legit/..%20/a HTTP/1.1", [HostField])),
        new("A path that is allowed as sent but not when normalised, or the other way round", 400, Message("GET //legit/a HTTP/1.1", [HostField])),
        new("`OPTIONS *`", 400, Message("OPTIONS * HTTP/1.1", [HostField])),
        new("CONNECT", 400, Message("CONNECT api.example:443 HTTP/1.1", ["Host: api.example:443"])),

        // fields that change the request
        new("A Connection option that names Host, Content-Length, Cookie and the like", 400, Message("GET /legit/a HTTP/1.1", [HostField, "Connection: Cookie", "Cookie: a=b"])),
        new("`TE: chunked`", 400, Message("GET /legit/a HTTP/1.1", [HostField, "TE: chunked"])),
        new("An expectation other than 100-continue", 417, Post(["Expect: 200-ok", "Content-Length: 0"], "")),
        new("Two Upgrade fields", 400, Message("GET /legit/a HTTP/1.1", [HostField, "Connection: Upgrade", "Upgrade: websocket", "Upgrade: foo"])),
        new("An override field with a method or path that is not allowed", 400, Message("GET /public/a HTTP/1.1", [HostField, "X-HTTP-Method-Override: DELETE"])),
        new("Two override fields, or two values of one", 400, Message("GET /legit/a HTTP/1.1", [HostField, "X-HTTP-Method-Override: PUT", "X-Original-URL: /legit/b"])),
    ];

    private static string Post(IEnumerable<string> fields, string body) => Message("POST /legit/a HTTP/1.1", [HostField, .. fields], body);
}
