namespace PolicyProxy.Soak.Wire;

/// <summary>Takes a body piece by piece and compares it with the one expected. Not thread-safe.</summary>
/// <param name="expected">The body it ought to be; null = any.</param>
internal sealed class BodyCheck(TaggedBody? expected)
{
    public long Length { get; private set; }

    /// <summary>False once a byte was another body's.</summary>
    public bool IsRight { get; private set; } = true;

    public void Take(ReadOnlySpan<byte> piece)
    {
        // the tag repeats every 16 bytes, so the low bits of the offset are enough
        IsRight &= expected is null || expected.Matches(piece, (int)(Length & 0xF));
        Length += piece.Length;
    }
}
