namespace PolicyProxy.Protocols.Http;

/// <summary>
/// Reads field lines that nobody has checked yet, one after the other (RFC 9112 §5). Strict: token names, no space before the colon, no
/// folding, CRLF, no control byte; bytes from 0x80 up in values only.
/// </summary>
internal ref struct Http1FieldReader(ReadOnlySpan<byte> bytes, int position)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Offset of the next line; behind the empty line once that was read.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Offset of the value last read, or of the problem.</summary>
    public int ValueOffset { get; private set; } = position;

    public ReadOnlySpan<byte> Name { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Why reading stopped; None after the empty line.</summary>
    public ProtocolErrorCode Error { get; private set; }

    /// <summary>Reads a line; false at the empty line or with an error.</summary>
    public bool MoveNext()
    {
        var rest = _bytes[Position..];
        if (rest.StartsWith("\r\n"u8))
        {
            Position += 2;
            return false;
        }

        var colon = rest.IndexOfAnyExcept(Http1Syntax.TokenBytes);
        if (colon <= 0 || rest[colon] != ':')
        {
            return Refuse(CodeOfName(rest, colon), colon < 0 ? rest.Length : colon);
        }

        var code = Http1Syntax.MeasureLine(rest[(colon + 1)..], out var length);
        if (code != ProtocolErrorCode.None)
        {
            return Refuse(code, colon + 1 + length);
        }

        Name = rest[..colon];
        Value = Http1Syntax.TrimWhitespace(rest.Slice(colon + 1, length));
        ValueOffset = Position + colon + 1;
        Position += colon + 1 + length + 2;
        return true;
    }

    private static ProtocolErrorCode CodeOfName(ReadOnlySpan<byte> rest, int end)
    {
        if (end < 0)
        {
            return ProtocolErrorCode.Truncated;
        }

        return rest[end] switch
        {
            (byte)' ' or (byte)'\t' when end == 0 => ProtocolErrorCode.HttpLineFolding,
            (byte)' ' or (byte)'\t' => ProtocolErrorCode.HttpFieldNameSpace,
            (byte)'\r' when end + 1 >= rest.Length => ProtocolErrorCode.Truncated,
            (byte)'\r' when rest[end + 1] != '\n' => ProtocolErrorCode.HttpBareCarriageReturn,
            (byte)'\r' => ProtocolErrorCode.HttpFieldLine,
            < 0x20 or 0x7F => Http1Syntax.CodeOfControl(rest[end]),
            _ => ProtocolErrorCode.HttpFieldName,
        };
    }

    private bool Refuse(ProtocolErrorCode code, int offset)
    {
        Error = code;
        ValueOffset = Position + offset;
        return false;
    }
}
