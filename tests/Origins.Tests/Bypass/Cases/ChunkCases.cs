using static PolicyProxy.Origins.Tests.Bypass.BypassCase;
using static PolicyProxy.Origins.Tests.Bypass.Cases.CaseTable;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Chunked bodies that are read in two ways.</summary>
internal static class ChunkCases
{
    private const string Coding = "Transfer-Encoding: chunked";

    // CVE-2025-55315 (Kestrel), CVE-2025-58056 (Netty), CVE-2025-22871 (Go): a line of a chunk that ends early for one side
    private static readonly (string Extension, string Advisory)[] s_extensions =
    [
        (";\n", "CVE-2025-55315"), (";a\n", "CVE-2025-55315"), (";a=\n", "CVE-2025-55315"), (";a=b\nxx", "CVE-2025-55315"), (";\nxx", "CVE-2025-55315"), (";a=\"\n\"", "CVE-2025-55315"),
        (";\r", "CVE-2025-55315"), (";a\rxx", "CVE-2025-55315"), (";\r\r", "CVE-2025-55315"), (";a\n\n", "CVE-2025-55315"), ("\n", "CVE-2025-58056"), ("\n\n", "CVE-2025-58056"), ("\r", "CVE-2025-58056"),
        ("\rxx", "CVE-2025-58056"), (" \n", "CVE-2025-22871"), ("\t\n", "CVE-2025-22871"), (" ", ""), ("\t", ""), (" ;a", ""), (";", ""), (";;", ""), (";=", ""), (";=a", ""), (";\"a\"", ""),
        (";a\0", ""), (";a\x7F", ""), (";a\xE9", ""), (";\v", ""), (",a", ""), ("x", ""), ("h", ""), ("_", ""), (".0", ""), ("\0", ""), ("\v", ""), ("\xA0", ""), (";a=\"\r\n\"", ""),
    ];

    private static readonly (string Size, string Advisory)[] s_sizes =
    [
        ("+5", ""), ("-5", ""), ("0x5", ""), ("5h", ""), ("\"5\"", ""), (" 5", ""), ("\t5", ""), ("", ""), ("5 5", ""), ("5_0", ""), ("0o5", ""), ("\xB2", ""), ("5,5", ""), ("5.", ""), ("V", ""),
        ("000000005", ""), ("100000005", "CVE-2021-40346"), ("10000000000000005", "CVE-2021-40346"), ("ffffffffffffffff", "CVE-2021-40346"), ("80000000", "CVE-2021-40346"),
        ("fffffffffffffffffffffffffffffffff", "CVE-2021-40346"), ("7fffffffffffffff", "CVE-2021-40346"), ("-1", ""), ("0000000000000000000000000000005", ""),
    ];

    private static readonly string[] s_endings = ["\n", "\r", "", "\n\r", "\r\r\n", "\n\n", "x\r\n", " \r\n", "\0\r\n", "\r\0\n", "\r\n\r\n", "\n\r\n", "hello\r\n"];

    public static IEnumerable<BypassCase> Extensions()
    {
        foreach (var (extension, advisory) in s_extensions)
        {
            yield return Case(
                $"first chunk with {Show(extension)}", Upload([Coding], $"5{extension}\r\nhello\r\n0\r\n\r\n{Smuggled}"), advisory: advisory);
            yield return Case(
                $"last chunk with {Show(extension)}", Upload([Coding], $"5\r\nhello\r\n0{extension}\r\n\r\n{Smuggled}"), advisory: advisory);
        }

        // The whole trick: what one side takes for an extension is a chunk for the other.
        yield return Case(
            "chunk inside an extension", Upload([Coding], $"1;\n{new string('x', 48)}\r\n1\r\nx\r\n0\r\n\r\n{Smuggled}"), advisory: "CVE-2025-55315");
        yield return Case("end inside an extension", Upload([Coding], $"2;\nxx\r\n{Smuggled.Length:x}\r\n0\r\n\r\n{Smuggled}"), advisory: "CVE-2025-55315");
        yield return Case("extensions without end", Upload([Coding], $"5;{new string('a', 2_000)}\r\nhello\r\n0\r\n\r\n{Smuggled}"));
        yield return Case("short extension", Upload([Coding], $"5;a=\"b;c\"\r\nhello\r\n0;d\r\n\r\n{Allowed}"), reach: 2);
    }

    public static IEnumerable<BypassCase> Sizes()
    {
        foreach (var (size, advisory) in s_sizes)
        {
            yield return Case($"chunk of size {Show(size)}", Upload([Coding], $"{size}\r\nhello\r\n0\r\n\r\n{Smuggled}"), advisory: advisory);
        }

        yield return Case("size with eight digits", Upload([Coding], $"00000005\r\nhello\r\n00000000\r\n\r\n{Allowed}"), reach: 2);
    }

    public static IEnumerable<BypassCase> Endings()
    {
        foreach (var ending in s_endings)
        {
            yield return Case($"content that ends with {Show(ending)}", Upload([Coding], $"5\r\nhello{ending}0\r\n\r\n{Smuggled}"));
            yield return Case($"size that ends with {Show(ending)}", Upload([Coding], $"5{ending}hello\r\n0\r\n\r\n{Smuggled}"));
            if (ending != "\r\n\r\n")
            {
                yield return Case($"body that ends with {Show(ending)}", Upload([Coding], $"5\r\nhello\r\n0\r\n{ending}{Smuggled}"));
            }
        }
    }

    /// <summary>A field behind the body that a server merges into the head, or into the head of the next request (aiohttp).</summary>
    public static IEnumerable<BypassCase> Trailers()
    {
        foreach (var trailer in (string[])
            [
                "Content-Length: 5", "Transfer-Encoding: chunked", "Host: admin.example", "X-Team: blue", "X-Other: x", "Authorization: Basic dTpw", "Cookie: a=b", "Connection: close", "Connection: upgrade",
                "Upgrade: h2c", "X-HTTP-Method-Override: DELETE", "X-Original-URL: /admin/a", "X-Rewrite-URL: /admin/a", "X-Envoy-Original-Path: /admin/a", "X-Forwarded-For: 127.0.0.1", "Content_Length: 5",
                "Expect: 100-continue", "Trailer: X", "TE: chunked", "If-Match: x", "Range: bytes=0-1", ": x", "X : y", " X: y", "X: y\r\n z", "X", "X: a\0b", "X: a\nY: b", "X: a\rY: b", "GET /public/smuggled HTTP/1.1",
            ])
        {
            var next = Message("GET /team/a HTTP/1.1", [$"Host: {Host}"]);
            yield return Case($"trailer {Show(trailer)}", Upload([Coding], $"5\r\nhello\r\n0\r\n{trailer}\r\n\r\n{next}"));
        }

        yield return Case("trailers without end", Upload([Coding], $"0\r\n{string.Concat(Enumerable.Repeat("X: y\r\n", 5_000))}\r\n{Smuggled}"));
    }
}
