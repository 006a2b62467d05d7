namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// Bytes on their way through a buffer: received, then judged, then sent. Only judged bytes can be sent.
/// <code>
/// 0 ......... Start ─── judged ─── Judged ─── received ─── End ......... capacity
/// </code>
/// </summary>
internal unsafe struct ByteWindow
{
    private byte* _buffer;
    private int _start;
    private int _judged;
    private int _end;

    /// <summary>True if there is memory to receive into.</summary>
    public readonly bool HasBuffer => _buffer != null;

    /// <summary>Bytes that may be sent.</summary>
    public readonly int Sendable => _judged - _start;

    /// <summary>Bytes that nobody has judged yet.</summary>
    public readonly int Unjudged => _end - _judged;

    /// <summary>True if it holds no byte.</summary>
    public readonly bool IsEmpty => _start == _end;

    /// <summary>True if bytes wait to be sent behind others that were sent: leaving them out could cut a message in two.</summary>
    public readonly bool IsPartlySent => _start > 0 && _judged > _start;

    /// <summary>First byte that may be sent.</summary>
    public readonly byte* SendPointer => _buffer + _start;

    /// <summary>The bytes to judge.</summary>
    public readonly Span<byte> Received => new(_buffer + _judged, _end - _judged);

    /// <summary>Makes room at the end; false if no buffer is to be had or it is full.</summary>
    public bool TryReserve(BufferPool pool, out byte* free, out int room)
    {
        if (_buffer == null)
        {
            _buffer = pool.Rent();
            _start = _judged = _end = 0;
        }
        else if (_start == _end)
        {
            _start = _judged = _end = 0;
        }
        else if (_end == pool.BufferBytes && _start > 0 && _start == _judged) // only a head has to lie in one piece
        {
            Buffer.MemoryCopy(_buffer + _start, _buffer, pool.BufferBytes, _end - _start);
            _judged -= _start;
            _end -= _start;
            _start = 0;
        }

        free = _buffer + _end;
        room = _buffer == null ? 0 : pool.BufferBytes - _end;
        return room > 0;
    }

    /// <summary>Counts received bytes in.</summary>
    public void Receive(int count) => _end += count;

    /// <summary>Lets the next received bytes be sent.</summary>
    public void Judge(int count) => _judged += count;

    /// <summary>Counts sent bytes out.</summary>
    public void Send(int count) => _start += count;

    /// <summary>Leaves out the next received bytes; only when nothing is waiting to be sent.</summary>
    public void Skip(int count)
    {
        _judged += count;
        _start = _judged;
    }

    /// <summary>Leaves out the next received bytes, also behind others that wait to be sent.</summary>
    public void Remove(int count)
    {
        var sendable = Sendable;
        if (sendable > 0 && count > 0)
        {
            Buffer.MemoryCopy(_buffer + _start, _buffer + _start + count, sendable, sendable);
        }

        _judged += count;
        _start = _judged - sendable;
    }

    /// <summary>Puts bytes in front of the received byte at <paramref name="offset"/>; gives their number, or 0 if there is no room.</summary>
    public int Insert(BufferPool pool, int offset, ReadOnlySpan<byte> bytes)
    {
        if (_buffer == null || bytes.Length > pool.BufferBytes - _end)
        {
            return 0;
        }

        var at = _judged + offset;
        new Span<byte>(_buffer + at, _end - at).CopyTo(new Span<byte>(_buffer + at + bytes.Length, _end - at));
        bytes.CopyTo(new Span<byte>(_buffer + at, bytes.Length));
        _end += bytes.Length;
        return bytes.Length;
    }

    /// <summary>Forgets what has been judged and not sent.</summary>
    public void DropSendable() => _start = _judged;

    /// <summary>Gives the buffer back if it is empty.</summary>
    public void ReleaseIfEmpty(BufferPool pool)
    {
        if (_buffer != null && _start == _end)
        {
            Release(pool);
        }
    }

    /// <summary>Gives the buffer back with whatever is in it.</summary>
    public void Release(BufferPool pool)
    {
        if (_buffer != null)
        {
            pool.Return(_buffer);
            _buffer = null;
        }

        _start = _judged = _end = 0;
    }
}
