using System.Buffers;
using System.Text;

namespace PolicyProxy.Protocols.Dns;

/// <summary>The presentation form of labels; see <see cref="DnsWireName.TryFormat"/> for what is escaped and why.</summary>
internal static class DnsNameText
{
    // 0x21..0x7E but for the dot and the backslash
    private static readonly SearchValues<byte> s_plain =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7F - 0x21).Select(octet => (byte)octet).Where(octet => octet is not ((byte)'.' or (byte)'\\'))]);

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

    private static bool TryFormat(ReadOnlySpan<byte> label, Span<char> destination, ref int written)
    {
        while (true)
        {
            var plain = label.IndexOfAnyExcept(s_plain);
            var run = plain < 0 ? label : label[..plain];
            if (run.Length > destination.Length - written)
            {
                return false;
            }

            _ = Encoding.Latin1.GetChars(run, destination[written..]);
            written += run.Length;
            if (plain < 0)
            {
                return true;
            }

            if (!TryEscape(label[plain], destination, ref written))
            {
                return false;
            }

            label = label[(plain + 1)..];
        }
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
