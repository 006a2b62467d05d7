using System.Buffers.Binary;

namespace PolicyProxy.Protocols;

/// <summary>
/// The one cursor through which parsers read multi-byte values. Big-endian, bounds-checked, Try only: a read that does not fit returns
/// false and moves nothing, so a length from the wire can be used without a check of its own. Not thread-safe.
/// </summary>
public ref struct SpanReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    /// <summary>Starts at the first byte of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The message; must outlive every span read from it.</param>
    public SpanReader(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _position = 0;
    }

    /// <summary>Bytes consumed so far; the offset to put into a <see cref="ProtocolError"/>.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>The bytes left, not consumed.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[_position..];

    /// <summary>Reads one byte.</summary>
    /// <param name="value">The byte; 0 on failure.</param>
    public bool TryReadByte(out byte value)
    {
        if (_position >= _bytes.Length)
        {
            value = 0;
            return false;
        }

        value = _bytes[_position++];
        return true;
    }

    /// <summary>Reads a signed 16-bit integer.</summary>
    /// <param name="value">The value; 0 on failure.</param>
    public bool TryReadInt16(out short value)
    {
        if (!BinaryPrimitives.TryReadInt16BigEndian(Rest, out value))
        {
            return false;
        }

        _position += sizeof(short);
        return true;
    }

    /// <summary>Reads an unsigned 16-bit integer.</summary>
    /// <param name="value">The value; 0 on failure.</param>
    public bool TryReadUInt16(out ushort value)
    {
        var read = TryReadInt16(out var signed);
        value = (ushort)signed;
        return read;
    }

    /// <summary>Reads an unsigned 24-bit integer, the length of TLS handshake messages and HTTP/2 frames.</summary>
    /// <param name="value">0..16,777,215; 0 on failure.</param>
    public bool TryReadUInt24(out int value)
    {
        value = 0;
        if (!TryRead(3, out var bytes))
        {
            return false;
        }

        value = (bytes[0] << 16) | (bytes[1] << 8) | bytes[2];
        return true;
    }

    /// <summary>Reads a signed 32-bit integer.</summary>
    /// <param name="value">The value; 0 on failure.</param>
    public bool TryReadInt32(out int value)
    {
        if (!BinaryPrimitives.TryReadInt32BigEndian(Rest, out value))
        {
            return false;
        }

        _position += sizeof(int);
        return true;
    }

    /// <summary>Reads an unsigned 32-bit integer.</summary>
    /// <param name="value">The value; 0 on failure.</param>
    public bool TryReadUInt32(out uint value)
    {
        var read = TryReadInt32(out var signed);
        value = (uint)signed;
        return read;
    }

    /// <summary>Reads a signed 64-bit integer.</summary>
    /// <param name="value">The value; 0 on failure.</param>
    public bool TryReadInt64(out long value)
    {
        if (!BinaryPrimitives.TryReadInt64BigEndian(Rest, out value))
        {
            return false;
        }

        _position += sizeof(long);
        return true;
    }

    /// <summary>
    /// Reads an unsigned 32-bit LEB128 varint. At most five bytes, the fifth at most 0x0F; longer than needed encodings are accepted, as
    /// KIP-482 does not forbid them.
    /// </summary>
    /// <param name="value">The value; 0 on failure, which is either the end of the data or an overflow.</param>
    public bool TryReadVarUInt32(out uint value)
    {
        value = 0;
        var rest = Rest;
        for (var i = 0; i < 5 && i < rest.Length; i++)
        {
            var part = rest[i];
            if (i == 4 && part > 0x0F)
            {
                break;
            }

            value |= (uint)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                _position += i + 1;
                return true;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>Takes the next <paramref name="count"/> bytes without copying.</summary>
    /// <param name="count">Any number; negative or too large fails.</param>
    /// <param name="bytes">The bytes; empty on failure.</param>
    public bool TryRead(int count, out ReadOnlySpan<byte> bytes)
    {
        if ((uint)count > (uint)Remaining)
        {
            bytes = default;
            return false;
        }

        bytes = _bytes.Slice(_position, count);
        _position += count;
        return true;
    }

    /// <summary>Steps over <paramref name="count"/> bytes.</summary>
    /// <param name="count">Any number, 64 bits so that count x size cannot overflow; negative or too large fails.</param>
    public bool TrySkip(long count)
    {
        if ((ulong)count > (ulong)Remaining)
        {
            return false;
        }

        _position += (int)count;
        return true;
    }
}
