using System.Globalization;
using System.Text;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>Checks a parsed response against <see cref="NaiveHead"/>; the body's end is decided anew, in the order of RFC 9112 §6.3.</summary>
internal static class NaiveResponse
{
    /// <summary>Throws unless everything the view says is what the text says.</summary>
    public static void Check(ReadOnlySpan<byte> head, Http1ResponseTo to, in Http1Response response, HttpLimits limits)
    {
        var naive = new NaiveHead(head);
        var parts = naive.StartLine.Split(' ', 3);
        Law.Holds(parts.Length >= 2 && parts[0] is "HTTP/1.0" or "HTTP/1.1" && parts[1].Length == 3, "a status line has a version and three digits");
        Law.Same(parts[1], response.StatusCode.ToString(CultureInfo.InvariantCulture), "the status is the second word");
        Law.Same(parts.Length == 3 ? parts[2] : "", Encoding.Latin1.GetString(response.Reason), "the reason is the rest of the line");
        Law.Same(parts[0] == "HTTP/1.0", response.IsVersion10, "the version is the first word");
        naive.CheckFields(response.Fields);
        Law.Holds(head.Length <= limits.MaxHeadBytes && naive.Fields.Count <= limits.MaxHeaders, "the limits of a head hold");

        var kind = BodyOf(naive, to, response, out var length);
        Law.Same(kind, response.BodyKind, "the body ends as RFC 9112 says");
        Law.Same(kind == Http1BodyKind.Length ? length : "0", response.ContentLength.ToString(CultureInfo.InvariantCulture), "the length is the one in the head");
        Law.Same(response.StatusCode is >= 100 and < 200 and not 101, response.IsInterim, "1xx but 101 is interim");
        var persists = kind != Http1BodyKind.UntilClose && !response.StartsTunnel && !naive.Lists("connection", "close")
            && (!response.IsVersion10 || naive.Lists("connection", "keep-alive"));
        Law.Same(persists, response.KeepAlive, "the connection persists as the head says");
        Law.Same(naive.Values("upgrade").Count == 0, response.Upgrade == Http1Upgrade.None, "an upgrade is named as the head says");
    }

    private static Http1BodyKind BodyOf(NaiveHead naive, Http1ResponseTo to, in Http1Response response, out string? length)
    {
        var status = response.StatusCode;
        var isChunked = naive.Values("transfer-encoding").Count > 0;
        length = naive.CheckFraming(isChunked);
        var isTunnel = status == 101 || (to == Http1ResponseTo.Connect && status is >= 200 and < 300);
        Law.Same(isTunnel, response.StartsTunnel, "101 and 2xx to CONNECT start a tunnel");
        if (isTunnel || status < 200 || status == 204)
        {
            Law.Holds(!isChunked && length is null or "0", "what has no body announces none");
            return Http1BodyKind.None;
        }

        return to == Http1ResponseTo.Head || status == 304 ? Http1BodyKind.None
            : isChunked ? Http1BodyKind.Chunked
            : length is null ? Http1BodyKind.UntilClose
            : length == "0" ? Http1BodyKind.None
            : Http1BodyKind.Length;
    }
}
