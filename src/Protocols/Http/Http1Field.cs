using System.Text;

namespace PolicyProxy.Protocols.Http;

/// <summary>One field line of a head.</summary>
public readonly ref struct Http1Field
{
    internal Http1Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int lineOffset, int lineBytes)
    {
        Name = name;
        Value = value;
        LineOffset = lineOffset;
        LineBytes = lineBytes;
    }

    /// <summary>Field name as received, an RFC 9110 token, never empty. Compare without case.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Field value without the whitespace around it; may be empty, may hold bytes from 0x80 up of no known encoding.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Offset of the line in the head, for whoever leaves it out or replaces it.</summary>
    public int LineOffset { get; }

    /// <summary>Length of the line, CRLF included.</summary>
    public int LineBytes { get; }

    /// <summary>True if the name is <paramref name="name"/>, without case.</summary>
    /// <param name="name">ASCII.</param>
    public bool IsNamed(ReadOnlySpan<char> name) => Name.Length == name.Length && Ascii.EqualsIgnoreCase(Name, name);
}
