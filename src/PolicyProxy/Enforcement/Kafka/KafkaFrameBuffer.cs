using System.Buffers;

namespace PolicyProxy.Enforcement.Kafka;

/// <summary>A frame that has to be whole before it can be judged or edited and does not fit into the buffer it arrives in. Not thread-safe.</summary>
internal sealed class KafkaFrameBuffer
{
    private byte[] _buffer = [];
    private int _filled;
    private int _length;

    /// <summary>True from <see cref="Begin"/> to <see cref="Release"/>.</summary>
    public bool IsOpen => _length > 0;

    /// <summary>True if the frame is whole.</summary>
    public bool IsComplete => IsOpen && _filled == _length;

    /// <summary>The frame with its length in front, once complete.</summary>
    public ReadOnlySpan<byte> Frame => _buffer.AsSpan(0, _filled);

    /// <summary>Begins a frame.</summary>
    /// <param name="length">With the 4 bytes of its length.</param>
    public void Begin(int length)
    {
        // It grows with what has come: a length alone costs nobody memory.
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(length, 65_536));
        (_filled, _length) = (0, length);
    }

    /// <summary>Takes what belongs to the frame; returns how much that was.</summary>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, _length - _filled)];
        if (_buffer.Length - _filled < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_length, Math.Max(_buffer.Length * 2, _filled + bytes.Length)));
            Frame.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        bytes.CopyTo(_buffer.AsSpan(_filled));
        _filled += bytes.Length;
        return bytes.Length;
    }

    /// <summary>Forgets the frame and gives the memory back.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _filled = _length = 0;
    }
}
