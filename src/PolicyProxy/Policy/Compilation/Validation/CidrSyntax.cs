using System.Globalization;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>
/// Reads address prefixes as strictly as Cilium: no leading zeros, no zone, no dotted mask, no surrounding space. The BCL's parser is more generous
/// (<c>010.0.0.1</c> is octal there), which would make a policy mean something else than in a cluster.
/// </summary>
internal static class CidrSyntax
{
    public static bool TryParse(string text, out CidrPrefix prefix)
    {
        prefix = default;
        var slash = text.LastIndexOf('/');
        return slash >= 0 &&
            TryParseAddress(text.AsSpan(0, slash), out var address, out var isIPv6) &&
            TryParseLength(text.AsSpan(slash + 1), isIPv6 ? 128 : 32, out var length) &&
            Assign(new CidrPrefix(address, length, isIPv6), out prefix);
    }

    /// <summary>An address without prefix length, as a prefix of full length.</summary>
    public static bool TryParseAddress(string text, out CidrPrefix prefix)
    {
        prefix = default;
        return TryParseAddress(text.AsSpan(), out var address, out var isIPv6) &&
            Assign(new CidrPrefix(address, isIPv6 ? 128 : 32, isIPv6), out prefix);
    }

    private static bool Assign(CidrPrefix value, out CidrPrefix prefix)
    {
        prefix = value;
        return true;
    }

    private static bool TryParseLength(ReadOnlySpan<char> text, int max, out int length) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length) &&
        length <= max &&
        text.Length <= 3 &&
        (text.Length == 1 || text[0] != '0');

    private static bool TryParseAddress(ReadOnlySpan<char> text, out UInt128 address, out bool isIPv6)
    {
        isIPv6 = text.Contains(':');
        if (isIPv6)
        {
            return TryParseIPv6(text, out address);
        }

        var ok = TryParseIPv4(text, out var ipv4);
        address = ipv4;
        return ok;
    }

    private static bool TryParseIPv4(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        var octets = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (++octets > 4 || part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0') ||
                !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var octet))
            {
                return false;
            }

            address = (address << 8) | octet;
        }

        return octets == 4;
    }

    /// <summary>RFC 4291 §2.2. A double colon stands for at least one group.</summary>
    private static bool TryParseIPv6(ReadOnlySpan<char> text, out UInt128 address)
    {
        address = default;
        var gap = text.IndexOf("::", StringComparison.Ordinal);
        if (gap < 0)
        {
            return TryParseGroups(text, out address, out var all) && all == 8;
        }

        var head = text[..gap];
        var tail = text[(gap + 2)..];
        if (!TryParseOptionalGroups(head, out var high, out var headGroups) || head.Contains('.') ||
            !TryParseOptionalGroups(tail, out var low, out var tailGroups) ||
            headGroups + tailGroups > 7)
        {
            return false;
        }

        address = (headGroups == 0 ? UInt128.Zero : high << (16 * (8 - headGroups))) | low;
        return true;
    }

    private static bool TryParseOptionalGroups(ReadOnlySpan<char> text, out UInt128 value, out int groups)
    {
        (value, groups) = (UInt128.Zero, 0);
        return text.IsEmpty || TryParseGroups(text, out value, out groups);
    }

    /// <summary>Groups separated by single colons; the last may be an IPv4 address, which counts as two.</summary>
    private static bool TryParseGroups(ReadOnlySpan<char> text, out UInt128 value, out int groups)
    {
        (value, groups) = (UInt128.Zero, 0);
        foreach (var range in text.Split(':'))
        {
            var part = text[range];
            if (part.Contains('.'))
            {
                if (range.End.GetOffset(text.Length) != text.Length || !TryParseIPv4(part, out var ipv4))
                {
                    return false;
                }

                (value, groups) = ((value << 32) | ipv4, groups + 2);
                continue;
            }

            if (part.Length is 0 or > 4 || !ushort.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var group))
            {
                return false;
            }

            (value, groups) = ((value << 16) | group, groups + 1);
            if (groups > 8)
            {
                return false;
            }
        }

        return groups <= 8;
    }
}
