using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// Buffers of one size for one loop, outside the garbage collected heap. A connection holds one only while it has bytes in hand, so an
/// idle connection holds none. The bound is on all loops together; a connection that gets no buffer waits for one. One thread.
/// </summary>
/// <param name="bufferBytes">Size of each buffer, in bytes; a multiple of the page size.</param>
/// <param name="budget">How many buffers all loops may have together.</param>
internal sealed unsafe class BufferPool(int bufferBytes, BufferBudget budget) : IDisposable
{
    /// <summary>Unused buffers kept over a tick; the others go back to the system.</summary>
    private const int KeptBuffers = 16;

    private readonly Stack<nint> _unused = new();
    private int _fewestUnused;
    private int _inUse;

    public int BufferBytes => bufferBytes;

    /// <summary>Buffers rented and not returned. May be read on any thread.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>A buffer, or null while the bound is reached.</summary>
    public byte* Rent()
    {
        if (_unused.TryPop(out var buffer))
        {
            _fewestUnused = Math.Min(_fewestUnused, _unused.Count);
            _inUse++;
            return (byte*)buffer;
        }

        if (!budget.TryTake())
        {
            return null;
        }

        var memory = Libc.mmap(null, bufferBytes, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
        if (memory == (byte*)-1)
        {
            budget.Return();
            return null;
        }

        _inUse++;
        return memory;
    }

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte* buffer)
    {
        _inUse--;
        _unused.Push((nint)buffer);
    }

    /// <summary>Gives back to the system what was not needed since the last call, but for a few.</summary>
    public void Trim()
    {
        for (var surplus = _fewestUnused - KeptBuffers; surplus > 0; surplus--)
        {
            Free(_unused.Pop());
        }

        _fewestUnused = _unused.Count;
    }

    public void Dispose()
    {
        while (_unused.TryPop(out var buffer))
        {
            Free(buffer);
        }
    }

    private void Free(nint buffer)
    {
        _ = Libc.munmap((void*)buffer, bufferBytes);
        budget.Return();
    }
}

/// <summary>A number of buffers shared by all loops. Thread-safe.</summary>
internal sealed class BufferBudget(long buffers)
{
    private long _left = buffers;

    /// <summary>True if none is left: take no more work on.</summary>
    public bool IsExhausted => Volatile.Read(ref _left) <= 0;

    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _left) >= 0)
        {
            return true;
        }

        Interlocked.Increment(ref _left);
        return false;
    }

    public void Return() => Interlocked.Increment(ref _left);
}
