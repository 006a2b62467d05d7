using System.Buffers;
using System.Buffers.Binary;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>One side of a client's TCP connection: whole messages in, whole messages out (RFC 7766 §8). One thread.</summary>
internal abstract unsafe class DnsStream : LoopSocket
{
    private ByteWindow _received;
    private ByteWindow _sent;

    protected DnsStream(DnsLoop loop, int descriptor)
        : base(loop.Events, descriptor) => Dns = loop;

    protected DnsLoop Dns { get; }

    /// <summary>True if there is something left to send.</summary>
    protected bool HasUnsent => _sent.Sendable > 0;

    /// <summary>True if bytes of a message that has not ended are there, or messages that have not been looked at.</summary>
    protected bool HasUnread => !_received.IsEmpty;

    /// <summary>Queues a message; false if there is no room now: then nothing of it was taken.</summary>
    public bool TryWrite(ReadOnlySpan<byte> message) => TryWrite(message, BinaryPrimitives.ReadUInt16BigEndian(message));

    /// <summary>Queues a message under another id; false if there is no room now: then nothing of it was taken.</summary>
    public bool TryWrite(ReadOnlySpan<byte> message, ushort id)
    {
        if (!_sent.TryReserve(Loop.Buffers, out var free, out var room) || room < message.Length + DnsTcpScanner.LengthBytes)
        {
            return false;
        }

        var frame = new Span<byte>(free, room);
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)message.Length);
        message.CopyTo(frame[DnsTcpScanner.LengthBytes..]);
        DnsMessage.WriteId(frame[DnsTcpScanner.LengthBytes..], id);
        _sent.Receive(DnsTcpScanner.LengthBytes + message.Length);
        _sent.Judge(DnsTcpScanner.LengthBytes + message.Length);
        return true;
    }

    /// <summary>Sends what the socket takes; false if the connection is broken.</summary>
    protected bool Drain()
    {
        while (_sent.Sendable > 0 && CanSend)
        {
            var status = Send(_sent.SendPointer, _sent.Sendable, out var count);
            if (status == IoStatus.Failed)
            {
                return false;
            }

            if (status == IoStatus.Done)
            {
                _sent.Send(count);
            }
        }

        _sent.ReleaseIfEmpty(Loop.Buffers);
        return true;
    }

    /// <summary>Receives once; true if bytes came.</summary>
    protected bool Fill()
    {
        if (!CanReceive)
        {
            return false;
        }

        if (!_received.TryReserve(Loop.Buffers, out var free, out var room))
        {
            if (!_received.HasBuffer)
            {
                Loop.ScheduleAtTick(this);
            }

            return false;
        }

        if (Receive(free, room, out var count) != IoStatus.Done)
        {
            return false;
        }

        _received.Receive(count);
        return true;
    }

    /// <summary>The next whole message, with its length in front; empty if there is none yet.</summary>
    /// <param name="maxMessageBytes">Longest message.</param>
    /// <param name="isBroken">True if no message can follow: a length out of bounds.</param>
    protected Span<byte> NextFrame(int maxMessageBytes, out bool isBroken)
    {
        var bytes = _received.Received;
        var status = new DnsTcpScanner(maxMessageBytes).Scan(bytes, out var length);
        isBroken = status == OperationStatus.InvalidData;
        return status == OperationStatus.Done ? bytes[..length] : default;
    }

    /// <summary>Has done with a message that <see cref="NextFrame"/> gave.</summary>
    protected void Skip(int frameBytes)
    {
        _received.Skip(frameBytes);
        _received.ReleaseIfEmpty(Loop.Buffers);
    }

    /// <summary>Throws away what was received.</summary>
    protected void DiscardUnread() => _received.Release(Loop.Buffers);

    /// <summary>Closes and gives the memory back.</summary>
    protected void CloseStream(bool reset)
    {
        CloseSocket(reset);
        _received.Release(Loop.Buffers);
        _sent.Release(Loop.Buffers);
    }
}
