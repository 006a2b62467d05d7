using System.Text;

namespace PolicyProxy.TestKit.Http2;

/// <summary>Writes field sections as HPACK literals (RFC 7541 §6.2.2), without tables and without Huffman coding: what is written is what is meant.</summary>
internal static class HpackBlock
{
    /// <summary>A field section; characters are Latin-1 bytes, also those no field may have.</summary>
    public static byte[] Of(params IEnumerable<(string Name, string Value)> fields)
    {
        var block = new List<byte>();
        foreach (var (name, value) in fields)
        {
            block.Add(0);
            AddText(block, name);
            AddText(block, value);
        }

        return [.. block];
    }

    /// <summary>A literal that is put into the dynamic table.</summary>
    public static byte[] Indexed(string name, string value)
    {
        var block = new List<byte> { 0x40 };
        AddText(block, name);
        AddText(block, value);
        return [.. block];
    }

    /// <summary>The pseudo-header fields of a request to <paramref name="authority"/>, and the fields behind them.</summary>
    public static byte[] Request(string method, string path, string authority, params IEnumerable<(string Name, string Value)> fields) =>
        Of([(":method", method), (":scheme", "http"), (":path", path), (":authority", authority), .. fields]);

    private static void AddText(List<byte> block, string text)
    {
        var length = text.Length;
        if (length < 127)
        {
            block.Add((byte)length);
        }
        else
        {
            block.Add(127);
            for (length -= 127; length >= 128; length >>= 7)
            {
                block.Add((byte)((length & 127) | 128));
            }

            block.Add((byte)length);
        }

        block.AddRange(Encoding.Latin1.GetBytes(text));
    }
}
