using System.Buffers;

namespace PolicyProxy.Protocols.Http;

/// <summary>The character classes of RFC 9110 §5 and the one way to find the end of a line.</summary>
internal static class Http1Syntax
{
    /// <summary>RFC 9110 §5.6.2 tchar.</summary>
    public static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~"u8);

    /// <summary>Visible ASCII without <c>#</c>; what <see cref="UrlPath"/> accepts too.</summary>
    public static readonly SearchValues<byte> TargetBytes = SearchValues.Create(
        "!\"$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>What a line cannot hold: everything below space but the tab, and DEL.</summary>
    public static readonly SearchValues<byte> ControlBytes = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 0x7F]);

    /// <summary>The reason to refuse a control byte other than CR.</summary>
    public static ProtocolErrorCode CodeOfControl(byte control) =>
        control == '\n' ? ProtocolErrorCode.HttpBareLineFeed : ProtocolErrorCode.HttpControlByte;

    /// <summary>Measures the line at the start of <paramref name="bytes"/>; it has to end with CRLF and holds no other control byte.</summary>
    /// <param name="bytes">The rest of the message.</param>
    /// <param name="length">Bytes before the CRLF; on failure the offset of the problem.</param>
    /// <returns>None, Truncated or the reason.</returns>
    public static ProtocolErrorCode MeasureLine(ReadOnlySpan<byte> bytes, out int length)
    {
        length = bytes.IndexOfAny(ControlBytes);
        if (length < 0)
        {
            length = bytes.Length;
            return ProtocolErrorCode.Truncated;
        }

        if (bytes[length] != '\r')
        {
            return CodeOfControl(bytes[length]);
        }

        return length + 1 >= bytes.Length ? ProtocolErrorCode.Truncated
            : bytes[length + 1] == '\n' ? ProtocolErrorCode.None
            : ProtocolErrorCode.HttpBareCarriageReturn;
    }

    /// <summary>Takes optional whitespace (space, tab) off both ends.</summary>
    public static ReadOnlySpan<byte> TrimWhitespace(ReadOnlySpan<byte> value) => value.Trim(" \t"u8);

    /// <summary>True if the name equals <paramref name="lowerCase"/> without case.</summary>
    public static bool IsName(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lowerCase) =>
        name.Length == lowerCase.Length && System.Text.Ascii.EqualsIgnoreCase(name, lowerCase);
}
