namespace PolicyProxy.Protocols.Dns;

/// <summary>Walks the labels of a name that was checked; ends at anything it cannot read.</summary>
internal ref struct DnsLabels
{
    /// <summary>The two bits that make a length byte the first byte of a pointer (RFC 1035 §4.1.4).</summary>
    public const int Pointer = 0xC0;

    private readonly ReadOnlySpan<byte> _message;
    private SpanReader _reader;
    private ReadOnlySpan<byte> _current;

    public DnsLabels(ReadOnlySpan<byte> message, int offset)
    {
        _message = message;
        _reader = new SpanReader(message);
        _ = _reader.TrySkip(offset);
    }

    /// <summary>The label at hand, without its length byte.</summary>
    public readonly ReadOnlySpan<byte> Current => _current;

    public bool MoveNext()
    {
        while (_reader.TryReadByte(out var length) && length != 0)
        {
            if (length < Pointer)
            {
                return _reader.TryRead(length, out _current);
            }

            _ = _reader.TryReadByte(out var low);
            _reader = new SpanReader(_message);
            _ = _reader.TrySkip(((length & ~Pointer) << 8) | low);
        }

        return false;
    }

    public static bool AreEqual(DnsLabels left, DnsLabels right, bool ignoresCase)
    {
        while (left.MoveNext())
        {
            if (!right.MoveNext() || !AreEqual(left._current, right._current, ignoresCase))
            {
                return false;
            }
        }

        return !right.MoveNext();
    }

    private static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, bool ignoresCase)
    {
        if (left.SequenceEqual(right))
        {
            return true;
        }

        // bytes above ASCII are compared as they are (RFC 4343 §3); the framework's comparison takes them for unequal
        if (!ignoresCase || left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (Lower(left[i]) != Lower(right[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static int Lower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? octet | 0x20 : octet;
}
