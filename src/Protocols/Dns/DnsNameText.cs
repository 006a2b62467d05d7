namespace PolicyProxy.Protocols.Dns;

/// <summary>The presentation form of labels; see <see cref="DnsWireName.TryFormat"/> for what is escaped and why.</summary>
internal static class DnsNameText
{
    public static bool TryFormat(DnsLabels labels, Span<char> destination, out int written)
    {
        written = 0;
        while (labels.MoveNext())
        {
            if (written > 0 && !TryAppend('.', destination, ref written))
            {
                return false;
            }

            if (!TryFormat(labels.Current, destination, ref written))
            {
                return false;
            }
        }

        return true;
    }

    // Byte by byte: labels are short, vectors would not pay
    private static bool TryFormat(ReadOnlySpan<byte> label, Span<char> destination, ref int written)
    {
        foreach (var octet in label)
        {
            if (octet is > 0x20 and < 0x7F and not ((byte)'.' or (byte)'\\'))
            {
                if (written >= destination.Length)
                {
                    return false;
                }

                destination[written++] = (char)octet;
            }
            else if (!TryEscape(octet, destination, ref written))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryEscape(byte octet, Span<char> destination, ref int written)
    {
        if (octet is (byte)'.' or (byte)'\\')
        {
            return TryAppend('\\', destination, ref written) && TryAppend((char)octet, destination, ref written);
        }

        return TryAppend('\\', destination, ref written)
            && TryAppend((char)('0' + (octet / 100)), destination, ref written)
            && TryAppend((char)('0' + (octet / 10 % 10)), destination, ref written)
            && TryAppend((char)('0' + (octet % 10)), destination, ref written);
    }

    private static bool TryAppend(char character, Span<char> destination, ref int written)
    {
        if (written >= destination.Length)
        {
            return false;
        }

        destination[written++] = character;
        return true;
    }
}
