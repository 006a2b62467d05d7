using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>
/// Datagrams that one call sends together. Their bytes must stay where they are until <see cref="Flush"/>. One thread.
/// </summary>
internal sealed unsafe class DatagramQueue : IDisposable
{
    private readonly MessageSlot* _slots;
    private readonly InputOutputVector* _vectors;
    private readonly byte* _addresses;
    private readonly int _capacity;
    private int _count;

    public DatagramQueue(int capacity)
    {
        _capacity = capacity;
        _slots = (MessageSlot*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(MessageSlot));
        _vectors = (InputOutputVector*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(InputOutputVector));
        _addresses = (byte*)NativeMemory.AllocZeroed((nuint)capacity, DatagramSocket.MaxAddressBytes);
        for (var i = 0; i < capacity; i++)
        {
            _slots[i].Header.Vectors = _vectors + i;
            _slots[i].Header.VectorCount = 1;
        }
    }

    public bool IsFull => _count == _capacity;

    /// <summary>Datagrams the kernel did not take: its buffer was full, or it has no way there. Senders of datagrams have to expect that.</summary>
    public long Lost { get; private set; }

    /// <summary>Adds a datagram; not when full.</summary>
    /// <param name="bytes">The datagram.</param>
    /// <param name="length">Its length.</param>
    /// <param name="receiver">Where to, in the kernel's form; empty = where the socket is connected to. Copied.</param>
    public void Add(byte* bytes, int length, ReadOnlySpan<byte> receiver = default)
    {
        var slot = _slots + _count;
        var place = _addresses + (_count * DatagramSocket.MaxAddressBytes);
        receiver.CopyTo(new Span<byte>(place, DatagramSocket.MaxAddressBytes));
        _vectors[_count] = new InputOutputVector { Base = bytes, Length = length };
        slot->Header.Name = receiver.IsEmpty ? null : place;
        slot->Header.NameBytes = (uint)receiver.Length;
        _count++;
    }

    /// <summary>Sends all; never waits.</summary>
    public void Flush(int descriptor)
    {
        var isRepeated = false;
        for (var sent = 0; sent < _count;)
        {
            var count = Libc.sendmmsg(descriptor, _slots + sent, (uint)(_count - sent), Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            if (count > 0)
            {
                sent += count;
                isRepeated = false;
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == Libc.EINTR)
            {
                continue;
            }

            // A connected socket reports here that an earlier datagram was refused. This one has not been tried.
            if (error == Libc.ECONNREFUSED && !isRepeated)
            {
                isRepeated = true;
                continue;
            }

            if (error is Libc.EAGAIN or Libc.ENOBUFS)
            {
                Lost += _count - sent;
                break;
            }

            Lost++;
            sent++;
            isRepeated = false;
        }

        _count = 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(_slots);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_addresses);
    }
}
