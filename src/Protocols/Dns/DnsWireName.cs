namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// A name inside a message, compressed or not (RFC 1035 §4.1.4), a view that lives as long as the message. Checked when it was read: at
/// most 255 bytes, every pointer strictly backwards, so walking it ends. The default value is the root.
/// </summary>
public readonly ref struct DnsWireName
{
    /// <summary>Most pointers in one name: one for every label that fits, which is more than a sensible writer needs.</summary>
    internal const int MaxPointers = 127;

    private readonly ReadOnlySpan<byte> _message;
    private readonly int _offset;

    private DnsWireName(ReadOnlySpan<byte> message, int offset)
    {
        _message = message;
        _offset = offset;
    }

    /// <summary>True for the root, the name without labels.</summary>
    public bool IsRoot => !Labels().MoveNext();

    /// <summary>True if both are the same name, ignoring ASCII case (RFC 4343).</summary>
    /// <param name="other">A name of this or another message.</param>
    public bool IsSame(scoped in DnsWireName other) => DnsLabels.AreEqual(Labels(), other.Labels(), ignoresCase: true);

    /// <summary>True if both are the same name in the same case, however compressed.</summary>
    /// <param name="other">A name of this or another message.</param>
    public bool IsSameCase(scoped in DnsWireName other) => DnsLabels.AreEqual(Labels(), other.Labels(), ignoresCase: false);

    /// <summary>
    /// Writes the presentation form as <see cref="DnsName"/> has it, in the case it was sent, without a final dot; the root is empty. A dot
    /// or backslash inside a label is escaped with a backslash, a byte outside 0x21..0x7E becomes <c>\DDD</c>; so two names have one form
    /// exactly if they are one name, and no byte of a label reads as a separator.
    /// </summary>
    /// <param name="destination"><see cref="DnsName.MaxPresentationChars"/> characters are always enough.</param>
    /// <param name="written">Characters written.</param>
    /// <returns>False if the destination is too short.</returns>
    public bool TryFormat(Span<char> destination, out int written) => DnsNameText.TryFormat(Labels(), destination, out written);

    /// <summary>Writes the uncompressed form: labels with their length bytes, case kept, and the root.</summary>
    /// <param name="destination"><see cref="DnsName.MaxWireBytes"/> bytes are always enough.</param>
    /// <param name="written">Bytes written.</param>
    /// <returns>False if the destination is too short.</returns>
    public bool TryCopyTo(Span<byte> destination, out int written)
    {
        written = 0;
        var labels = Labels();
        while (labels.MoveNext())
        {
            var label = labels.Current;
            if (destination.Length - written < label.Length + 2)
            {
                return false;
            }

            destination[written++] = (byte)label.Length;
            label.CopyTo(destination[written..]);
            written += label.Length;
        }

        if (written == destination.Length)
        {
            return false;
        }

        destination[written++] = 0;
        return true;
    }

    /// <summary>The presentation form, for tests and debuggers; allocates.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[DnsName.MaxPresentationChars];
        return TryFormat(text, out var written) ? text[..written].ToString() : "";
    }

    /// <summary>Where the name stands in its message.</summary>
    internal int Offset => _offset;

    internal DnsLabels Labels() => new(_message, _offset);

    /// <summary>Steps over the name at the reader, which reads the whole message, and checks it.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="reader">Stands at the name; afterwards behind it, on failure anywhere.</param>
    /// <param name="name">The name; the root on failure.</param>
    /// <param name="isCompressed">True if a pointer was followed.</param>
    /// <returns>None, Truncated, DnsName, DnsLabelType or DnsPointer.</returns>
    internal static ProtocolErrorCode TryRead(ReadOnlySpan<byte> message, scoped ref SpanReader reader, out DnsWireName name, out bool isCompressed)
    {
        name = default;
        isCompressed = false;
        var start = reader.Position;
        var run = start; // where the labels at hand began: a pointer must lead before them
        var wireBytes = 1;
        var pointers = 0;
        var cursor = reader;
        while (cursor.TryReadByte(out var length))
        {
            if (length == 0)
            {
                reader = isCompressed ? reader : cursor;
                name = new(message, start);
                return ProtocolErrorCode.None;
            }

            if (length <= DnsName.MaxLabelBytes)
            {
                wireBytes += 1 + length;
                if (wireBytes > DnsName.MaxWireBytes)
                {
                    return ProtocolErrorCode.DnsName;
                }

                if (!cursor.TrySkip(length))
                {
                    return ProtocolErrorCode.Truncated;
                }

                continue;
            }

            if (length < DnsLabels.Pointer)
            {
                return ProtocolErrorCode.DnsLabelType;
            }

            if (!cursor.TryReadByte(out var low))
            {
                return ProtocolErrorCode.Truncated;
            }

            var target = ((length & ~DnsLabels.Pointer) << 8) | low;
            if (target < DnsHeader.Bytes || target >= run || ++pointers > MaxPointers)
            {
                return ProtocolErrorCode.DnsPointer;
            }

            reader = isCompressed ? reader : cursor;
            isCompressed = true;
            run = target;
            cursor = new SpanReader(message);
            _ = cursor.TrySkip(target);
        }

        return ProtocolErrorCode.Truncated;
    }

    /// <summary>Steps over a name that was checked before, without following pointers.</summary>
    internal static DnsWireName Skip(ReadOnlySpan<byte> message, scoped ref SpanReader reader)
    {
        var name = new DnsWireName(message, reader.Position);
        while (reader.TryReadByte(out var length) && length != 0)
        {
            if (length >= DnsLabels.Pointer)
            {
                _ = reader.TryReadByte(out _);
                break;
            }

            _ = reader.TrySkip(length);
        }

        return name;
    }

    /// <summary>The name at an offset at which one was read before.</summary>
    internal static DnsWireName At(ReadOnlySpan<byte> message, int offset) => new(message, offset);
}
