using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// A socket that one loop watches, edge-triggered: the flags say what is worth trying, and whoever meets the edge clears them. Only the
/// loop's thread touches it.
/// </summary>
internal abstract unsafe class LoopSocket : ITimed
{
    protected LoopSocket(EventLoop loop, int descriptor)
    {
        Loop = loop;
        Descriptor = descriptor;
        Timeout = new TimeoutEntry(this);
    }

    public EventLoop Loop { get; }

    /// <summary>-1 once closed or given away.</summary>
    public int Descriptor { get; private set; }

    /// <summary>The one timeout that runs for this socket.</summary>
    public TimeoutEntry Timeout { get; }

    /// <summary>True if receiving may give something: bytes, the end or an error.</summary>
    public bool CanReceive { get; private set; }

    /// <summary>True if sending may take something.</summary>
    public bool CanSend { get; private set; }

    /// <summary>True if the peer has ended its side; bytes may still be waiting.</summary>
    public bool PeerHasEnded { get; private set; }

    /// <summary>True if the connection is gone in both directions.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>True if nothing more can be received: the end was read, or the connection is broken.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>True if receiving gave an error instead of an end.</summary>
    public bool HasFailed { get; private set; }

    public bool IsOpen => Descriptor >= 0;

    /// <summary>True while the loop has it on one of its lists.</summary>
    public bool IsScheduled { get; set; }

    /// <summary>Position in the loop's table is the descriptor; this tells an old event from a new socket with the same number.</summary>
    public uint Generation { get; set; }

    /// <summary>Receives what fits.</summary>
    public IoStatus Receive(byte* buffer, int room, out int count)
    {
        var status = StreamSocket.Receive(Descriptor, buffer, room, out count);

        // A short count means that the queue is empty, unless the end of it waits behind.
        if (status != IoStatus.Done || (count < room && !PeerHasEnded))
        {
            CanReceive = false;
        }

        HasEnded |= status is IoStatus.End or IoStatus.Failed;
        HasFailed |= status == IoStatus.Failed || (status == IoStatus.End && EndsBroken);
        IsBroken |= HasFailed;
        return status;
    }

    /// <summary>Sends what the socket takes.</summary>
    public IoStatus Send(byte* bytes, int length, out int count)
    {
        var status = StreamSocket.Send(Descriptor, bytes, length, out count);
        if (status == IoStatus.WouldBlock || (status == IoStatus.Done && count < length))
        {
            CanSend = false;
        }

        return status;
    }

    /// <summary>Looks at the next bytes without taking them; count is only meaningful when Done.</summary>
    public IoStatus Peek(byte* buffer, int room, out int count) => StreamSocket.Receive(Descriptor, buffer, room, out count, Libc.MSG_PEEK);

    /// <summary>True if nothing is there to receive, neither bytes nor the end. Asks the kernel if it is not known.</summary>
    public bool IsSilent()
    {
        byte next;
        if (CanReceive && !PeerHasEnded && Peek(&next, 1, out _) == IoStatus.WouldBlock)
        {
            CanReceive = false;
        }

        return !CanReceive && !PeerHasEnded && !HasEnded;
    }

    /// <summary>True if an end that is read now was no orderly one, which the socket itself cannot tell.</summary>
    protected virtual bool EndsBroken => false;

    /// <summary>Forgets that something may be there; the next edge says it again.</summary>
    protected void AwaitReceive() => CanReceive = false;

    /// <summary>Notes what the loop was told.</summary>
    public void Note(uint events)
    {
        const uint Broken = Libc.EPOLLERR | Libc.EPOLLHUP;
        CanReceive |= (events & (Libc.EPOLLIN | Libc.EPOLLRDHUP | Broken)) != 0;
        CanSend |= (events & (Libc.EPOLLOUT | Broken)) != 0;
        PeerHasEnded |= (events & (Libc.EPOLLRDHUP | Broken)) != 0;
        IsBroken |= (events & Broken) != 0;
    }

    /// <summary>Something about the socket has changed, or the loop was asked to come back to it.</summary>
    public abstract void OnReady();

    /// <summary>The timeout has passed.</summary>
    public abstract void OnTimeout();

    /// <summary>An exception came out of one of the methods above: our bug. Close what belongs to it.</summary>
    public abstract void OnFault();

    /// <summary>Marks the socket as ready from the start: one the kernel just gave us connected.</summary>
    protected void AssumeReady() => CanReceive = CanSend = true;

    protected void AssumeSendable() => CanSend = true;

    /// <summary>Closes; harmless if it is closed.</summary>
    protected void CloseSocket(bool reset = false)
    {
        if (Release() is >= 0 and var descriptor)
        {
            StreamSocket.Close(descriptor, reset);
        }
    }

    /// <summary>Stops watching and gives the descriptor to the caller; -1 if it is closed.</summary>
    protected int Release()
    {
        var descriptor = Descriptor;
        if (descriptor >= 0)
        {
            Loop.Forget(this);
            Descriptor = -1;
        }

        return descriptor;
    }
}
