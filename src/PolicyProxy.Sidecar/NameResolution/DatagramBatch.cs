using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Room for datagrams that one call receives together. What was received stands until the next <see cref="Receive"/>. One thread.</summary>
internal sealed unsafe class DatagramBatch : IDisposable
{
    private readonly MessageSlot* _slots;
    private readonly InputOutputVector* _vectors;
    private readonly byte* _addresses;
    private readonly byte* _bytes;
    private readonly int _room;
    private int _used;

    /// <param name="count">Most datagrams at a time.</param>
    /// <param name="room">Longest datagram, in bytes; longer ones are cut off.</param>
    /// <param name="hasSenders">False if nobody asks for <see cref="Sender"/>: a connected socket has one peer.</param>
    public DatagramBatch(int count, int room, bool hasSenders)
    {
        Capacity = count;
        _used = count;
        _room = room;
        _slots = (MessageSlot*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(MessageSlot));
        _vectors = (InputOutputVector*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(InputOutputVector));
        _addresses = (byte*)NativeMemory.AllocZeroed((nuint)count, DatagramSocket.MaxAddressBytes);
        _bytes = (byte*)NativeMemory.Alloc((nuint)count, (nuint)room);
        for (var i = 0; i < count; i++)
        {
            _vectors[i].Base = _bytes + ((nint)i * room);
            _slots[i].Header.Vectors = _vectors + i;
            _slots[i].Header.VectorCount = 1;
            _slots[i].Header.Name = hasSenders ? _addresses + (i * DatagramSocket.MaxAddressBytes) : null;
        }
    }

    public int Capacity { get; }

    /// <summary>Receives what is there; the number of datagrams, or -errno.</summary>
    public int Receive(int descriptor)
    {
        for (var i = 0; i < _used; i++)
        {
            _vectors[i].Length = _room;
            _slots[i].Header.NameBytes = DatagramSocket.MaxAddressBytes;
        }

        int count;
        do
        {
            count = Libc.recvmmsg(descriptor, _slots, (uint)Capacity, Libc.MSG_DONTWAIT, null);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        _used = Math.Max(count, 0); // the kernel writes to no other
        return count < 0 ? -Marshal.GetLastPInvokeError() : count;
    }

    /// <summary>The bytes of a datagram.</summary>
    public Span<byte> this[int index] => new(Start(index), (int)_slots[index].Bytes);

    /// <summary>Where they start; stays there as long as the batch.</summary>
    public byte* Start(int index) => _bytes + ((nint)index * _room);

    /// <summary>True if the datagram was longer than there is room for.</summary>
    public bool IsCutOff(int index) => (_slots[index].Header.Flags & Libc.MSG_TRUNC) != 0;

    /// <summary>The sender's address in the kernel's form.</summary>
    public ReadOnlySpan<byte> Sender(int index) => new(_slots[index].Header.Name, (int)_slots[index].Header.NameBytes);

    public void Dispose()
    {
        NativeMemory.Free(_slots);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_bytes);
    }
}
