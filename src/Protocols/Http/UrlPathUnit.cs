namespace PolicyProxy.Protocols.Http;

/// <summary>What one step through a path yields.</summary>
internal enum UrlPathUnitKind
{
    /// <summary>A character that stands for itself.</summary>
    Literal,

    /// <summary>An escape of an unreserved character, which every origin may decode (RFC 3986 §2.3).</summary>
    Decoded,

    /// <summary>An escape that stays one.</summary>
    Escape,

    /// <summary>A slash as sent.</summary>
    Slash,

    /// <summary>A backslash as sent; a separator for IIS, browsers and Envoy's <c>normalize_path</c>, a plain character for others.</summary>
    Backslash,

    /// <summary><c>%2F</c> or <c>%5C</c>; a separator for origins that decode before they route (CVE-2021-29492).</summary>
    EscapedSlash,

    /// <summary>A percent sign without two hex digits behind it.</summary>
    Malformed,
}

/// <summary>One character or one escape of a path.</summary>
/// <param name="Kind">How origins may read it.</param>
/// <param name="Value">The character it stands for, 0..255.</param>
/// <param name="Length">Characters it takes in the path: 1 or 3.</param>
internal readonly record struct UrlPathUnit(UrlPathUnitKind Kind, char Value, int Length)
{
    /// <summary>True for everything that some origin takes for the end of a segment.</summary>
    public bool IsSeparator => Kind is UrlPathUnitKind.Slash or UrlPathUnitKind.Backslash or UrlPathUnitKind.EscapedSlash;

    /// <summary>Reads the unit at <paramref name="index"/>, which must be inside the path.</summary>
    public static UrlPathUnit Read(ReadOnlySpan<char> path, int index)
    {
        var first = path[index];
        return first switch
        {
            '/' => new(UrlPathUnitKind.Slash, '/', 1),
            '\\' => new(UrlPathUnitKind.Backslash, '/', 1),
            '%' => ReadEscape(path[index..]),
            _ => new(UrlPathUnitKind.Literal, first, 1),
        };
    }

    private static UrlPathUnit ReadEscape(ReadOnlySpan<char> rest)
    {
        if (rest.Length < 3 || !char.IsAsciiHexDigit(rest[1]) || !char.IsAsciiHexDigit(rest[2]))
        {
            return new(UrlPathUnitKind.Malformed, '%', 1);
        }

        var value = (char)((HexValue(rest[1]) << 4) | HexValue(rest[2]));
        var kind = value switch
        {
            '/' or '\\' => UrlPathUnitKind.EscapedSlash,
            '-' or '.' or '_' or '~' => UrlPathUnitKind.Decoded,
            _ when char.IsAsciiLetterOrDigit(value) => UrlPathUnitKind.Decoded,
            _ => UrlPathUnitKind.Escape,
        };
        return new(kind, value, 3);
    }

    internal static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
