using System.Text;

namespace PolicyProxy.TestKit.Http2;

/// <summary>Reads field sections of a peer that was told to keep no dynamic table and that does not use Huffman coding, as Kestrel.</summary>
internal static class HpackReader
{
    // RFC 7541 Appendix A, names only; entries 8 to 14 are statuses.
    private static readonly string[] s_names =
        [.. ":authority :method :method :path :path :scheme :scheme :status :status :status :status :status :status :status accept-charset accept-encoding "
            .Split(' ', StringSplitOptions.RemoveEmptyEntries),
         .. ("accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control content-disposition content-encoding "
            + "content-language content-length content-location content-range content-type cookie date etag expect expires from host if-match if-modified-since "
            + "if-none-match if-range if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh "
            + "retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate").Split(' ')];

    private static readonly string[] s_statuses = ["200", "204", "206", "304", "400", "404", "500"];

    /// <summary>The fields in order.</summary>
    public static IReadOnlyList<(string Name, string Value)> Read(ReadOnlySpan<byte> block)
    {
        var fields = new List<(string, string)>();
        while (block.Length > 0)
        {
            var first = block[0];
            if (first >= 0x80)
            {
                var index = Number(ref block, 7);
                fields.Add((s_names[index - 1], index is >= 8 and <= 14 ? s_statuses[index - 8] : throw new FormatException($"static entry {index}")));
            }
            else if ((first & 0xe0) == 0x20)
            {
                _ = Number(ref block, 5); // size of the dynamic table
            }
            else
            {
                var index = Number(ref block, (first & 0xc0) == 0x40 ? 6 : 4);
                var name = index == 0 ? Text(ref block) : s_names[index - 1];
                fields.Add((name, Text(ref block)));
            }
        }

        return fields;
    }

    private static int Number(ref ReadOnlySpan<byte> block, int bits)
    {
        var mask = (1 << bits) - 1;
        var value = block[0] & mask;
        block = block[1..];
        for (var shift = 0; value >= mask; shift += 7)
        {
            var next = block[0];
            block = block[1..];
            value += (next & 127) << shift;
            if (next < 128)
            {
                break;
            }
        }

        return value;
    }

    private static string Text(ref ReadOnlySpan<byte> block)
    {
        if (block[0] >= 128)
        {
            throw new FormatException("Huffman coding");
        }

        var length = Number(ref block, 7);
        var text = Encoding.Latin1.GetString(block[..length]);
        block = block[length..];
        return text;
    }
}
