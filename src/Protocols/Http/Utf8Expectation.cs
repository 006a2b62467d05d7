using System.Text;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// A text that received pieces of bytes, put together, have to spell. The text is taken as UTF-8, so a rule about a non-ASCII value means
/// the bytes that its YAML file holds, as in Envoy. Allocates nothing.
/// </summary>
/// <param name="text">The whole text.</param>
/// <param name="ignoreCase">True to take ASCII letters of either case.</param>
internal ref struct Utf8Expectation(ReadOnlySpan<char> text, bool ignoreCase)
{
    private ReadOnlySpan<char> _rest = text;

    /// <summary>True once the whole text has been spelt.</summary>
    public readonly bool IsMet => _rest.IsEmpty;

    /// <summary>Takes a piece that has to be inside the text; false if it is not.</summary>
    public bool Consume(ReadOnlySpan<byte> piece) => ConsumePart(piece, out var taken) && taken == piece.Length;

    /// <summary>Takes a piece that may be longer than what is left of the text; false if they differ before either ends.</summary>
    public bool ConsumePart(ReadOnlySpan<byte> piece) => ConsumePart(piece, out _);

    private bool ConsumePart(ReadOnlySpan<byte> piece, out int taken)
    {
        taken = 0;
        var common = Math.Min(piece.Length, _rest.Length);
        if (ignoreCase ? Ascii.EqualsIgnoreCase(piece[..common], _rest[..common]) : Ascii.Equals(piece[..common], _rest[..common]))
        {
            taken = common;
            _rest = _rest[common..];
            return true;
        }

        return ConsumeRunes(piece, out taken);
    }

    // Not all ASCII, or different
    private bool ConsumeRunes(ReadOnlySpan<byte> piece, out int taken)
    {
        taken = 0;
        Span<byte> encoded = stackalloc byte[4];
        while (taken < piece.Length && !_rest.IsEmpty)
        {
            // a lone surrogate becomes U+FFFD, which no sender spells by accident
            Rune.DecodeFromUtf16(_rest, out var rune, out var characters);
            var bytes = encoded[..rune.EncodeToUtf8(encoded)];
            var rest = piece[taken..];
            if (!rest.StartsWith(bytes) && !(ignoreCase && bytes.Length == 1 && Ascii.EqualsIgnoreCase(rest[..1], bytes)))
            {
                return false;
            }

            taken += bytes.Length;
            _rest = _rest[characters..];
        }

        return true;
    }
}
