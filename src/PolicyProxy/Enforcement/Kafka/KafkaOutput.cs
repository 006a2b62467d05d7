using System.Buffers;

namespace PolicyProxy.Enforcement.Kafka;

/// <summary>Bytes of our own on their way out: written at the end, sent from the start. Memory is rented while there are any. Not thread-safe.</summary>
internal sealed class KafkaOutput : IBufferWriter<byte>
{
    private const int MinBytes = 1_024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>True if nothing is to be sent.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>How many bytes are to be sent.</summary>
    public int Length => _end - _start;

    /// <summary>The bytes to send.</summary>
    public ReadOnlySpan<byte> Unsent => _buffer.AsSpan(_start.._end);

    /// <summary>Counts bytes out that were sent.</summary>
    public void Sent(int count)
    {
        _start += count;
        if (IsEmpty)
        {
            Release();
        }
    }

    /// <inheritdoc/>
    public void Advance(int count) => _end += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_end);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_end);
    }

    /// <summary>Forgets everything and gives the memory back.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _start = _end = 0;
    }

    private void Reserve(int sizeHint)
    {
        sizeHint = Math.Max(sizeHint, 1);
        if (_buffer.Length - _end >= sizeHint)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(MinBytes, checked(Length + sizeHint)));
        var length = Length;
        Unsent.CopyTo(larger);
        Release();
        _buffer = larger;
        _end = length;
    }
}
