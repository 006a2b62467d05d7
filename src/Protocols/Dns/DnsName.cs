using System.Text;

namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// Presentation-form names (RFC 1035 §5.1): labels joined by dots, a final dot allowed, <c>\.</c> and <c>\DDD</c> for bytes that are no
/// plain characters. Comparison is without case for ASCII only (RFC 4343). Static and thread-safe; allocates nothing.
/// </summary>
public static class DnsName
{
    /// <summary>Longest name on the wire, in bytes, length bytes and root included (RFC 1035 §2.3.4).</summary>
    public const int MaxWireBytes = 255;

    /// <summary>Longest label, in bytes (RFC 1035 §2.3.4).</summary>
    public const int MaxLabelBytes = 63;

    /// <summary>Longest presentation form, in characters: every byte as <c>\DDD</c>, plus dots.</summary>
    public const int MaxPresentationChars = 4 * MaxWireBytes;

    /// <summary>The name without its final dot; an escaped dot stays. The root, <c>.</c> or empty, gives an empty span.</summary>
    /// <param name="name">Presentation-form name.</param>
    public static ReadOnlySpan<char> TrimFinalDot(ReadOnlySpan<char> name) => IsFullyQualified(name) ? name[..^1] : name;

    /// <summary>True if the name ends in a dot that is not escaped.</summary>
    /// <param name="name">Presentation-form name.</param>
    public static bool IsFullyQualified(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name[^1] != '.')
        {
            return false;
        }

        // an odd run of backslashes escapes the dot
        var head = name[..^1];
        var backslashes = head.Length - 1 - head.LastIndexOfAnyExcept('\\');
        return backslashes % 2 == 0;
    }

    /// <summary>Writes the form used for comparison and for flows: ASCII lower case, no final dot; the root is empty.</summary>
    /// <param name="name">Presentation-form name.</param>
    /// <param name="destination">At least as long as the name; may be the same memory.</param>
    /// <param name="written">Characters written.</param>
    /// <returns>False if the name does not fit or holds a character outside ASCII, which a parsed name never does.</returns>
    public static bool TryNormalize(ReadOnlySpan<char> name, Span<char> destination, out int written) =>
        Ascii.ToLower(TrimFinalDot(name), destination, out written) == System.Buffers.OperationStatus.Done;

    /// <summary>True if both are the same name, ignoring ASCII case and a final dot.</summary>
    /// <param name="left">Presentation-form name.</param>
    /// <param name="right">Presentation-form name.</param>
    public static bool Equals(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        Ascii.EqualsIgnoreCase(TrimFinalDot(left), TrimFinalDot(right));

    /// <summary>Checks the length limits of a name without escapes.</summary>
    /// <param name="name">Presentation-form name; a name with escapes is measured as written, which is never too lenient.</param>
    /// <returns>Code None, <see cref="ProtocolErrorCode.DnsLabel"/> or <see cref="ProtocolErrorCode.DnsName"/>.</returns>
    public static ProtocolError CheckLength(ReadOnlySpan<char> name)
    {
        var rest = TrimFinalDot(name);
        if (rest.Length > MaxWireBytes - 2)
        {
            return new(ProtocolErrorCode.DnsName, MaxWireBytes - 2);
        }

        var start = 0;
        foreach (var label in rest.Split('.'))
        {
            if (label.End.Value - label.Start.Value > MaxLabelBytes)
            {
                return new(ProtocolErrorCode.DnsLabel, start);
            }

            start = label.End.Value + 1;
        }

        return default;
    }
}
