using System.Buffers.Binary;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// Writes fields into a span and counts them. What no longer fits is only counted, so that a first pass over an empty span measures what
/// a second pass writes.
/// </summary>
internal ref struct KafkaFrameWriter(Span<byte> target, bool flexible)
{
    /// <summary>Bytes of the length in front of each frame.</summary>
    public const int LengthBytes = 4;

    private readonly Span<byte> _target = target;
    private readonly bool _flexible = flexible;

    /// <summary>Bytes written or counted.</summary>
    public long Length { get; private set; }

    /// <summary>The same writer, for what follows a header in the older style.</summary>
    public readonly KafkaFrameWriter ToFlexible() => new(_target, flexible: true) { Length = Length };

    /// <summary>One byte.</summary>
    public void Byte(byte value) => Bytes([value]);

    /// <summary>A big-endian number of 1, 2, 4, 8 or 16 bytes; a longer one is sign-extended.</summary>
    public void Number(int size, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        for (; size > sizeof(int); size--)
        {
            Byte(value < 0 ? byte.MaxValue : (byte)0);
        }

        Bytes(bytes[(sizeof(int) - size)..]);
    }

    /// <summary>Copies bytes.</summary>
    public void Bytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length <= _target.Length)
        {
            bytes.CopyTo(_target[(int)Length..]);
        }

        Length += bytes.Length;
    }

    /// <summary>Count of an array or of bytes; -1 for null.</summary>
    public void Count(int count)
    {
        if (_flexible)
        {
            VarUInt32((uint)(count + 1));
        }
        else
        {
            Number(sizeof(int), count);
        }
    }

    /// <summary>A string; null if it may be and is empty.</summary>
    public void String(scoped ReadOnlySpan<byte> bytes, bool nullIfEmpty)
    {
        var length = bytes.IsEmpty && nullIfEmpty ? -1 : bytes.Length;
        if (_flexible)
        {
            VarUInt32((uint)(length + 1));
        }
        else
        {
            Number(sizeof(short), length);
        }

        Bytes(bytes);
    }

    /// <summary>A topic id; zero for none.</summary>
    public void Id(scoped ReadOnlySpan<byte> id)
    {
        if (id.IsEmpty)
        {
            Number(16, 0);
        }
        else
        {
            Bytes(id);
        }
    }

    /// <summary>Forgets what was written from here on.</summary>
    public void TakeBack(long length) => Length = length;

    /// <summary>Writes a smaller count over one that was written, and moves what follows if it takes fewer bytes now.</summary>
    public void LowerCount(long countStart, int count, int lower)
    {
        if (lower == count || Length > _target.Length)
        {
            return;
        }

        var end = (int)Length;
        var behind = (int)countStart + SizeOfCount(count);
        Length = countStart;
        Count(lower);
        _target[behind..end].CopyTo(_target[(int)Length..]);
        Length += end - behind;
    }

    /// <summary>Writes the length of all behind the first four bytes into these, and of what is to follow; false if it is not all there.</summary>
    public readonly bool PatchLength(int toFollow = 0)
    {
        var length = Length - LengthBytes + toFollow;
        return Length <= _target.Length && length <= int.MaxValue && BinaryPrimitives.TryWriteInt32BigEndian(_target, (int)length);
    }

    private readonly int SizeOfCount(int count)
    {
        var size = 1;
        for (var value = (uint)(count + 1); value > 0x7F; value >>= 7)
        {
            size++;
        }

        return _flexible ? size : sizeof(int);
    }

    private void VarUInt32(uint value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }
}
