using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>A map of the kernel with keys and values of these layouts. The descriptor belongs to whoever made this.</summary>
internal readonly unsafe struct BpfMap<TKey, TValue>(int descriptor, string name)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const int ENOENT = 2;

    public int Descriptor => descriptor;

    /// <summary>Writes an entry, new or not.</summary>
    /// <exception cref="ShimException">The map is full.</exception>
    public void Set(TKey key, TValue value)
    {
        if (LibBpf.bpf_map_update_elem(descriptor, &key, &value, 0) != 0)
        {
            throw ShimException.Of($"write to map {name}");
        }
    }

    /// <summary>Puts a value into a queue.</summary>
    /// <exception cref="ShimException">The queue is full.</exception>
    public void Push(TValue value)
    {
        if (LibBpf.bpf_map_update_elem(descriptor, null, &value, 0) != 0)
        {
            throw ShimException.Of($"write to queue {name}");
        }
    }

    public bool TryGet(TKey key, out TValue value)
    {
        TValue found = default;
        var isFound = LibBpf.bpf_map_lookup_elem(descriptor, &key, &found) == 0;
        value = found;
        return isFound;
    }

    /// <summary>Removes an entry if it is there.</summary>
    public void Remove(TKey key)
    {
        if (LibBpf.bpf_map_delete_elem(descriptor, &key) != 0 && Marshal.GetLastPInvokeError() != ENOENT)
        {
            throw ShimException.Of($"remove from map {name}");
        }
    }

    /// <summary>Number of entries. Walks over all of them.</summary>
    public int Count()
    {
        TKey key, next;
        var count = 0;
        var hasKey = LibBpf.bpf_map_get_next_key(descriptor, null, &next) == 0;
        for (; hasKey; count++)
        {
            key = next;
            hasKey = LibBpf.bpf_map_get_next_key(descriptor, &key, &next) == 0;
        }

        return count;
    }
}

/// <summary>A prefix table made to be put into one of the shim's places; disposing gives the descriptor back, the kernel keeps what is in use.</summary>
internal sealed unsafe class BpfPrefixTable<TKey> : IDisposable
    where TKey : unmanaged
{
    private const int LpmTrie = 11;
    private const uint NoPreallocation = 1;

    private readonly int _descriptor;

    public BpfPrefixTable(string name, int capacity)
    {
        var options = new LibBpf.MapCreateOptions { Size = (nuint)sizeof(LibBpf.MapCreateOptions), MapFlags = NoPreallocation };
        _descriptor = LibBpf.bpf_map_create(LpmTrie, name, (uint)sizeof(TKey), sizeof(uint), (uint)Math.Max(capacity, 1), &options);
        if (_descriptor < 0)
        {
            throw ShimException.Of($"make a {name} table for {capacity} entries");
        }

        Map = new BpfMap<TKey, uint>(_descriptor, name);
    }

    public BpfMap<TKey, uint> Map { get; }

    public void Dispose() => _ = Libc.close(_descriptor);
}
