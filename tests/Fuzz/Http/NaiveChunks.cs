using System.Globalization;
using System.Text;
using PolicyProxy.Fuzz.Laws;

namespace PolicyProxy.Fuzz.Http;

/// <summary>A second reading of a complete chunked body, as text: the first CRLF ends a line, and a number is what .NET parses as one.</summary>
internal static class NaiveChunks
{
    /// <summary>Throws unless the body ends with its last byte and has this much content; gives the number of trailers.</summary>
    public static int Check(ReadOnlySpan<byte> body, long contentBytes)
    {
        var rest = Encoding.Latin1.GetString(body);
        var content = 0L;
        while (true)
        {
            var line = TakeLine(ref rest);
            Law.Holds(!line.Any(character => character is (< ' ' and not '\t') or '\x7F'), "a chunk size line has no control bytes");
            Law.Holds(int.TryParse(line.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) && size >= 0, "a chunk size is a hexadecimal number");
            if (size == 0)
            {
                break;
            }

            Law.Holds(size <= rest.Length, "a chunk is there to its end");
            content += size;
            rest = rest[size..];
            Law.Same("", TakeLine(ref rest), "nothing stands between a chunk and its CRLF");
        }

        var trailers = 0;
        for (var line = TakeLine(ref rest); line.Length > 0; line = TakeLine(ref rest))
        {
            trailers++;
            var name = line.Split(':')[0];
            Law.Holds(line.Contains(':', StringComparison.Ordinal) && name.Length > 0 && name.All(NaiveHead.IsToken), "every trailer has a token for its name");
            Law.Holds(name.ToLowerInvariant() is not ("content-length" or "transfer-encoding" or "host" or "connection" or "authorization"), "no trailer belongs into the head");
        }

        Law.Same("", rest, "the body ends where the scanner says");
        Law.Same(content, contentBytes, "the content is what the chunks hold");
        return trailers;
    }

    private static string TakeLine(ref string rest)
    {
        var end = rest.IndexOf("\r\n", StringComparison.Ordinal);
        Law.Holds(end >= 0, "every line of a body that is Done is there to its end");
        var line = rest[..end];
        rest = rest[(end + 2)..];
        return line;
    }
}
