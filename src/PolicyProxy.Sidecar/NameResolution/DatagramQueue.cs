using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>
/// Datagrams that one call sends together. Those of one length to one receiver, and a shorter one behind them, go down as one message that the kernel
/// cuts up (UDP_SEGMENT), so that they are routed once. Their bytes must stay where they are until <see cref="Flush"/>. One thread.
/// </summary>
internal sealed unsafe class DatagramQueue : IDisposable
{
    /// <summary>Longest datagram that is joined with others: 1,232 bytes, what IPv6's least MTU leaves. The kernel refuses to cut into fragments.</summary>
    private const int MaxJoinedBytes = 1_232;

    /// <summary>Most datagrams in a message: 64, <c>UDP_MAX_SEGMENTS</c> of the oldest kernels that know it.</summary>
    private const int MaxSegments = 64;

    /// <summary>Most bytes in a message: 65,507, what a datagram over IPv4 can hold.</summary>
    private const int MaxMessageBytes = 65_507;

    private readonly Datagram* _datagrams;
    private readonly MessageSlot* _slots;
    private readonly InputOutputVector* _vectors;
    private readonly SegmentControl* _controls;
    private readonly ulong[] _order;
    private readonly int _capacity;
    private int _count;
    private bool _joins = true;

    public DatagramQueue(int capacity)
    {
        _capacity = capacity;
        _datagrams = Allocate<Datagram>(capacity);
        _slots = Allocate<MessageSlot>(capacity);
        _vectors = Allocate<InputOutputVector>(capacity);
        _controls = Allocate<SegmentControl>(capacity);
        _order = new ulong[capacity];
    }

    public bool IsFull => _count == _capacity;

    /// <summary>Datagrams the kernel did not take: its buffer was full, or it has no way there. Senders of datagrams have to expect that.</summary>
    public long Lost { get; private set; }

    /// <summary>Messages given to the kernel so far.</summary>
    public long Messages { get; private set; }

    /// <summary>Adds a datagram; not when full.</summary>
    /// <param name="bytes">The datagram.</param>
    /// <param name="length">Its length.</param>
    /// <param name="receiver">Where to, in the kernel's form; empty = where the socket is connected to. Copied.</param>
    public void Add(byte* bytes, int length, ReadOnlySpan<byte> receiver = default)
    {
        var datagram = _datagrams + _count++;
        datagram->Vector = new InputOutputVector { Base = bytes, Length = length };
        datagram->ReceiverBytes = receiver.Length;
        receiver.CopyTo(new Span<byte>(datagram->Receiver, DatagramSocket.MaxAddressBytes));
        datagram->Order = ((ulong)DatagramSocket.Hash(receiver) << 32) | ((ulong)(ushort)~length << 16);
    }

    /// <summary>Sends all; never waits.</summary>
    public void Flush(int descriptor)
    {
        var messages = _joins ? Join() : Separate();
        Send(descriptor, messages);
        Messages += messages;
        _count = 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(_datagrams);
        NativeMemory.Free(_slots);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_controls);
    }

    private void Send(int descriptor, int messages)
    {
        var isRepeated = false;
        for (var sent = 0; sent < messages;)
        {
            var count = Libc.sendmmsg(descriptor, _slots + sent, (uint)(messages - sent), Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
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
                Lost += Datagrams(sent, messages);
                break;
            }

            // A device or a tunnel for which the kernel does not cut, or a path too narrow for it.
            var joined = _slots[sent].Header.VectorCount;
            if (joined > 1 && error is Libc.EIO or Libc.EINVAL or Libc.EMSGSIZE)
            {
                _joins = error == Libc.EMSGSIZE;
                SendSeparately(descriptor, _slots[sent].Header);
            }
            else
            {
                Lost += joined;
            }

            sent++;
            isRepeated = false;
        }
    }

    // By receiver, and the longest first, what can go together lies together; the shortest are at the end, where the tails come from.
    private int Join()
    {
        for (var i = 0; i < _count; i++)
        {
            _order[i] = _datagrams[i].Order | (uint)i;
        }

        var order = _order.AsSpan(0, _count);
        order.Sort();
        var messages = 0;
        var vectors = 0;
        for (var start = 0; start < order.Length;)
        {
            var end = start + 1;
            while (end < order.Length && At(order[end])->HasReceiverOf(At(order[start])))
            {
                end++;
            }

            JoinToOne(order[start..end], ref messages, ref vectors);
            start = end;
        }

        return messages;
    }

    // The kernel cuts a message into pieces of one length; only the last may be shorter.
    private void JoinToOne(ReadOnlySpan<ulong> datagrams, ref int messages, ref int vectors)
    {
        while (!datagrams.IsEmpty)
        {
            var longest = At(datagrams[0]);
            var length = longest->Vector.Length;
            var most = length > MaxJoinedBytes ? 1 : (int)Math.Min(MaxSegments, MaxMessageBytes / Math.Max(length, 1));
            var start = vectors;
            var taken = 0;
            while (taken < datagrams.Length && taken < most && At(datagrams[taken])->Vector.Length == length)
            {
                _vectors[vectors++] = At(datagrams[taken++])->Vector;
            }

            datagrams = datagrams[taken..];
            if (taken < most && !datagrams.IsEmpty && At(datagrams[^1])->Vector.Length > 0)
            {
                _vectors[vectors++] = At(datagrams[^1])->Vector;
                datagrams = datagrams[..^1];
            }

            Address(messages++, longest, start, vectors - start);
        }
    }

    private Datagram* At(ulong order) => _datagrams + (ushort)order;

    private int Separate()
    {
        for (var i = 0; i < _count; i++)
        {
            _vectors[i] = _datagrams[i].Vector;
            Address(i, _datagrams + i, i, 1);
        }

        return _count;
    }

    private void SendSeparately(int descriptor, MessageHeader joined)
    {
        MessageSlot slot;
        slot.Header = joined with { VectorCount = 1, Control = null, ControlBytes = 0 };
        for (var left = joined.VectorCount; left > 0; left--, slot.Header.Vectors++)
        {
            int count;
            do
            {
                count = Libc.sendmmsg(descriptor, &slot, 1, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
            Lost += count < 0 ? 1 : 0;
        }
    }

    private void Address(int message, Datagram* datagram, int firstVector, int vectors)
    {
        ref var header = ref _slots[message].Header;
        header.Vectors = _vectors + firstVector;
        header.VectorCount = vectors;
        header.Name = datagram->ReceiverBytes == 0 ? null : datagram->Receiver;
        header.NameBytes = (uint)datagram->ReceiverBytes;
        if (vectors > 1)
        {
            _controls[message] = SegmentControl.Of((int)datagram->Vector.Length);
            header.Control = _controls + message;
            header.ControlBytes = sizeof(SegmentControl);
        }
        else
        {
            header.Control = null;
            header.ControlBytes = 0;
        }
    }

    private int Datagrams(int first, int messages)
    {
        var count = 0;
        for (var i = first; i < messages; i++)
        {
            count += (int)_slots[i].Header.VectorCount;
        }

        return count;
    }

    private static T* Allocate<T>(int count)
        where T : unmanaged => (T*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(T));

    private struct Datagram
    {
        public InputOutputVector Vector;
        public int ReceiverBytes;

        /// <summary>Receiver, then length, the longest first; room for a number behind them.</summary>
        public ulong Order;
        public fixed byte Receiver[DatagramSocket.MaxAddressBytes];

        public readonly bool HasReceiverOf(Datagram* other)
        {
            fixed (byte* own = Receiver)
            {
                return ReceiverBytes == other->ReceiverBytes
                    && new ReadOnlySpan<byte>(own, ReceiverBytes).SequenceEqual(new ReadOnlySpan<byte>(other->Receiver, ReceiverBytes));
            }
        }
    }
}
