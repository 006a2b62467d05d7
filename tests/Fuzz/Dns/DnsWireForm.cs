namespace PolicyProxy.Fuzz.Dns;

/// <summary>Reads the presentation form of a name back, without the product.</summary>
internal static class DnsWireForm
{
    /// <summary>True if the text is the name with these uncompressed bytes, root included.</summary>
    public static bool Read(ReadOnlySpan<char> text, ReadOnlySpan<byte> wire)
    {
        while (!text.IsEmpty)
        {
            var length = wire[0];
            var label = wire.Slice(1, length);
            wire = wire[(1 + length)..];
            foreach (var octet in label)
            {
                if (text.IsEmpty || text[0] == '.' || Octet(ref text) != octet)
                {
                    return false;
                }
            }

            // a dot between two labels, none behind the last
            if (wire[0] == 0)
            {
                break;
            }

            if (text is not ['.', _, ..])
            {
                return false;
            }

            text = text[1..];
        }

        return text.IsEmpty && wire is [0];
    }

    private static int Octet(ref ReadOnlySpan<char> text)
    {
        var isEscaped = text[0] == '\\';
        var isDecimal = isEscaped && char.IsAsciiDigit(text[1]);
        int octet = isDecimal ? byte.Parse(text.Slice(1, 3)) : isEscaped ? (byte)text[1] : (byte)text[0];
        text = text[(isDecimal ? 4 : isEscaped ? 2 : 1)..];
        return octet;
    }
}
