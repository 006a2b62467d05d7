using System.Runtime.CompilerServices;

namespace PolicyProxy.Policy.Re2;

/// <summary>A set of threads in insertion order. A thread is an instruction with the owner it runs for. Clearing costs nothing. Not thread-safe.</summary>
internal sealed class ThreadSet
{
    private long[] _items = new long[64];

    // Stamp in the upper half, index into _items in the lower: an old stamp means empty.
    private long[] _slots = new long[128];
    private int _stamp = 1;

    public int Count { get; private set; }

    public ReadOnlySpan<long> Items => _items.AsSpan(0, Count);

    /// <summary>A thread as one number; sorted by owner first.</summary>
    public static long Thread(int owner, int address) => ((long)owner << 32) | (uint)address;

    public static int OwnerOf(long thread) => (int)(thread >> 32);

    public static int AddressOf(long thread) => (int)thread;

    /// <summary>Adds a thread; false when it is there already.</summary>
    public bool Add(long thread)
    {
        var mask = _slots.Length - 1;
        var at = Spread(thread) & mask;
        for (; (int)(_slots[at] >> 32) == _stamp; at = (at + 1) & mask)
        {
            if (_items[(int)_slots[at]] == thread)
            {
                return false;
            }
        }

        if (Count == _items.Length)
        {
            Grow();
            return Add(thread);
        }

        _slots[at] = ((long)_stamp << 32) | (uint)Count;
        _items[Count++] = thread;
        return true;
    }

    public void Clear()
    {
        Count = 0;
        if (++_stamp == int.MaxValue)
        {
            Array.Clear(_slots);
            _stamp = 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Spread(long thread) => (int)(((ulong)thread * 0x9E3779B97F4A7C15) >> 33);

    private void Grow()
    {
        var items = Items.ToArray();
        _items = new long[items.Length * 2];
        _slots = new long[_items.Length * 2];
        _stamp = 1;
        Count = 0;
        foreach (var item in items)
        {
            Add(item);
        }
    }
}
