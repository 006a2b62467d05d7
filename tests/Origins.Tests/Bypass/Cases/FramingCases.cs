using static PolicyProxy.Origins.Tests.Bypass.BypassCase;
using static PolicyProxy.Origins.Tests.Bypass.Cases.CaseTable;

namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Two answers to the question where a request ends.</summary>
internal static class FramingCases
{
    // One transfer coding that some servers take for chunked and some do not
    private static readonly string[] s_odd =
    [
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunkedx", "Transfer-Encoding: chunk", "Transfer-Encoding: identity", "Transfer-Encoding:", "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: chunked,", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: 'chunked'", "Transfer-Encoding: chun ked",
        "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked", "\tTransfer-Encoding: chunked", "Transfer-Encoding:\r\n chunked",
        "X: y\r\n Transfer-Encoding: chunked", "Transfer-Encoding: \vchunked", "Transfer-Encoding: \fchunked", "Transfer-Encoding: chunked\0", "Transfer-Encoding\0: chunked",
        "Transfer-Encoding: \xA0" + "chunked", "Transfer-Encoding: chunked\xA0", "Transfer-Encoding: \xFF" + "chunked", "X: y\nTransfer-Encoding: chunked", "X: y\rTransfer-Encoding: chunked",
        "Transfer_Encoding: chunked", "Transfer.Encoding: chunked", "Transfer Encoding: chunked", "Transfer-Encoding: cow", "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow",
        "Transfer-Encoding: cow\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\ntransfer-encoding: CHUNKED", "Transfer-Encoding;: chunked", "\"Transfer-Encoding\": chunked", "Transfer-Encoding:: chunked", ":Transfer-Encoding: chunked",
    ];

    private static readonly string[] s_plain = ["Transfer-Encoding: chunked", "transfer-encoding:chunked", "TRANSFER-ENCODING: \tCHUNKED\t"];

    private static readonly (string Lines, string Advisory)[] s_lengths =
    [
        ("Content-Length: 5\r\nContent-Length: 5", ""), ("Content-Length: 5\r\nContent-Length: 6", ""), ("Content-Length: 0\r\nContent-Length: 5", ""),
        ("Content-Length: 5\r\ncontent-length: 0", ""), ("Content-Length: 5, 5", ""), ("Content-Length: 5,0", ""), ("Content-Length: ,5", ""), ("Content-Length: 5 0", ""),
        ("Content-Length: +5", ""), ("Content-Length: -5", ""), ("Content-Length: -0", ""), ("Content-Length: 05", ""), ("Content-Length: 0x5", ""), ("Content-Length: 5.0", ""),
        ("Content-Length: 5e0", ""), ("Content-Length: 1_0", ""), ("Content-Length: \"5\"", ""), ("Content-Length: five", ""), ("Content-Length: 5;", ""), ("Content-Length: \xB2", ""),
        ("Content-Length:", "CVE-2023-40225"), ("Content-Length: ", "CVE-2023-40225"), ("Content-Length:\t", "CVE-2023-40225"), ("Content-Length:\r\nContent-Length: 5", "CVE-2023-40225"),
        ("Content-Length : 5", ""), ("Content-Length\t: 5", ""), (" Content-Length: 5", ""), ("Content-Length:\r\n 5", ""), ("Content_Length: 5", ""), ("Content.Length: 5", ""),
        ("Content-Length: 5\v", ""), ("Content-Length: 5\0", ""), ("Content-Length\0: 5", ""), ("X: y\nContent-Length: 5", "CVE-2025-22871"), ("X: y\rContent-Length: 5", ""),
        ("Content-Length: 18446744073709551616", "CVE-2021-40346"), ("Content-Length: 18446744073709551621", "CVE-2021-40346"), ("Content-Length: 9223372036854775808", "CVE-2021-40346"),
        ("Content-Length: 340282366920938463463374607431768211461", "CVE-2021-40346"), ("Content-Length: 99999999999999999999999999999999999999999999", "CVE-2021-40346"),
    ];

    public static IEnumerable<BypassCase> ClTe()
    {
        const string Body = "0\r\n\r\n" + Smuggled;
        foreach (var coding in s_plain.Concat(s_odd))
        {
            yield return Case($"length first, then {Show(coding)}", Upload([$"Content-Length: {Body.Length}", coding], Body));
            yield return Case($"{Show(coding)}, then length", Upload([coding, $"Content-Length: {Body.Length}"], Body));
        }
    }

    public static IEnumerable<BypassCase> TeCl()
    {
        foreach (var coding in s_plain.Concat(s_odd))
        {
            yield return Case($"short length, then {Show(coding)}", Upload(["Content-Length: 4", coding], Chunked(SmuggledAdmin)));
        }
    }

    public static IEnumerable<BypassCase> TeTe() =>
        s_odd.Select(static coding => Case($"only {Show(coding)}", Upload([coding], Chunked(Smuggled))));

    /// <summary>Lengths in two spellings, and a length that one side leaves out of account.</summary>
    public static IEnumerable<BypassCase> Cl0()
    {
        foreach (var (lines, advisory) in s_lengths)
        {
            yield return Case(Show(lines), Upload([lines], "hello" + Smuggled), advisory: advisory);
        }

        yield return Case(
            "name longer than a byte can count", Upload([$"Content-Length0{new string('a', 255)}:", $"Content-Length: {Smuggled.Length}"], Smuggled), reach: 1, "CVE-2021-40346");

        // A body nobody asked for: a request of its own, which is judged, or part of the first one, which has none.
        yield return Case("body without a length", Upload([], SmuggledAdmin), reach: 1);
        yield return Case("body behind length 0", Upload(["Content-Length: 0"], SmuggledAdmin), reach: 1);
        yield return Case("body of a GET", Message("GET /public/a HTTP/1.1", [$"Host: {Host}", $"Content-Length: {Smuggled.Length}"], Smuggled + Allowed), reach: 2);
        yield return Case("body of a HEAD", Message("HEAD /public/a HTTP/1.1", [$"Host: {Host}", $"Content-Length: {Smuggled.Length}"], Smuggled + Allowed), reach: 2);
        yield return Case("chunked body of a GET", Message("GET /public/a HTTP/1.1", [$"Host: {Host}", "Transfer-Encoding: chunked"], Chunked(Smuggled) + Allowed), reach: 2);

        // HAProxy reports what it has when the rest does not come.
        yield return Case("body that is not all there", Upload([$"Content-Length: {Smuggled.Length + 1}"], Smuggled), reach: 1);
        yield return Case("chunk that is not all there", Upload(["Transfer-Encoding: chunked"], "ff\r\n" + Smuggled), reach: 1);
        yield return Case("nothing behind the last chunk", Upload(["Transfer-Encoding: chunked"], Chunked(Smuggled)[..^2]), reach: 1);
        yield return Case("body that holds a request", Upload([$"Content-Length: {Smuggled.Length}"], Smuggled + Allowed), reach: 2);
        yield return Case("chunks that hold a request", Upload(["Transfer-Encoding: chunked"], Chunked(Smuggled) + Allowed), reach: 2);
    }

    /// <summary>Codings by themselves where the version does not know them.</summary>
    public static IEnumerable<BypassCase> Version10()
    {
        foreach (var coding in s_plain)
        {
            yield return Case($"HTTP/1.0 with {Show(coding)}", Message("POST /upload/a HTTP/1.0", [$"Host: {Host}", coding], Chunked(Smuggled)));
            yield return Case(
                $"HTTP/1.0 with {Show(coding)} and keep-alive", Message("POST /upload/a HTTP/1.0", [$"Host: {Host}", "Connection: keep-alive", coding], Chunked(Smuggled)));
        }

        yield return Case("HTTP/1.0 that says close by itself", Message("GET /public/a HTTP/1.0", [$"Host: {Host}"], Smuggled), reach: 1);
        yield return Case("HTTP/1.0 without Host", Message("GET /public/a HTTP/1.0", [], Smuggled));
    }
}
