using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// One loop's share in a listening socket that all loops watch. Takes connections, refuses those beyond a limit at once (new ones, never
/// old ones), asks the door, and gives each to the loop that has the fewest.
/// </summary>
internal sealed class Listener : LoopSocket
{
    /// <summary>Connections taken in one turn: 64, nginx' <c>multi_accept</c> bounded so that open connections get their turn.</summary>
    private const int MaxAtOnce = 64;

    /// <summary>How many connections more than another loop this one may have before it gives one away.</summary>
    private const int Slack = 2;

    private readonly RelayLoop _relay;
    private readonly IReadOnlyList<RelayLoop> _loops;
    private readonly IPEndPoint _address;
    private bool _isPaused;
    private int _reserve = Libc.eventfd(0, Libc.EFD_CLOEXEC);

    /// <summary>Watches a listening socket.</summary>
    /// <param name="relay">The loop whose thread accepts.</param>
    /// <param name="loops">All loops.</param>
    /// <param name="descriptor">The listening socket; owned by the server, not by this.</param>
    /// <param name="address">Its address.</param>
    public Listener(RelayLoop relay, IReadOnlyList<RelayLoop> loops, int descriptor, IPEndPoint address)
        : base(relay.Events, descriptor)
    {
        _relay = relay;
        _loops = loops;
        _address = address;
    }

    /// <summary>Accepts no more.</summary>
    public void Stop()
    {
        _ = Release();
        StreamSocket.Close(_reserve);
        _reserve = -1;
    }

    public override void OnReady()
    {
        if (_isPaused)
        {
            _isPaused = false;
            Loop.WatchShared(this);
        }

        for (var taken = 0; taken < MaxAtOnce && IsOpen; taken++)
        {
            var descriptor = StreamSocket.Accept(Descriptor, out var peer);
            if (descriptor >= 0)
            {
                Take(descriptor, peer);
            }
            else if (!GoesOnAfter(-descriptor))
            {
                break;
            }
        }
    }

    public override void OnTimeout() => throw new InvalidOperationException("a listener has no timeout");

    public override void OnFault() => Pause();

    private void Take(int descriptor, IPEndPoint? peer)
    {
        if (_relay.Shared.Budget.IsExhausted || !_relay.Shared.TryTakeConnection())
        {
            _relay.Counters.Overloaded++;
            StreamSocket.Close(descriptor, reset: true);
            return;
        }

        var verdict = Judge(descriptor, peer, out var permit);
        if (!verdict.Allowed && _relay.Door.RefusedConnection == RefusedConnection.Reset)
        {
            _relay.Counters.Refused++;
            _relay.Shared.ReturnConnection();
            StreamSocket.Close(descriptor, reset: true);
            return;
        }

        _relay.Counters.Accepted++;
        var target = Choose();
        target.Counters.AddActive();
        if (target == _relay)
        {
            Begin(_relay, descriptor, permit);
        }
        else
        {
            target.Events.Post(() => Begin(target, descriptor, permit));
        }
    }

    private Verdict Judge(int descriptor, IPEndPoint? peer, out ConnectionPermit permit)
    {
        try
        {
            return _relay.Door.Admit(peer, IsAnyAddress ? StreamSocket.LocalAddress(descriptor) : _address, out permit);
        }
        catch // our bug: the client must not wait for somebody who has forgotten it
        {
            _relay.Shared.ReturnConnection();
            StreamSocket.Close(descriptor, reset: true);
            throw;
        }
    }

    private bool IsAnyAddress => _address.Address.Equals(IPAddress.Any) || _address.Address.Equals(IPAddress.IPv6Any);

    private RelayLoop Choose()
    {
        var best = _relay;
        foreach (var loop in _loops)
        {
            if (loop.Counters.Active + Slack < best.Counters.Active)
            {
                best = loop;
            }
        }

        return best;
    }

    private static void Begin(RelayLoop relay, int descriptor, in ConnectionPermit permit)
    {
        var client = new ClientConnection(relay, descriptor, permit);
        if (relay.Events.Watch(client))
        {
            client.Start();
        }
        else
        {
            client.Abort();
        }
    }

    // False if there is nothing to accept for now.
    private bool GoesOnAfter(int error)
    {
        switch (error)
        {
            case Libc.EAGAIN:
                return false;
            case Libc.EMFILE or Libc.ENFILE:
                return RefuseOne();
            case Libc.ENOBUFS or Libc.ENOMEM:
                _relay.Counters.Overloaded++;
                Pause();
                return false;
            default:
                _relay.Counters.AcceptErrors++; // of that connection: the client has gone already
                return true;
        }
    }

    // Out of descriptors: the client would wait in the queue for nobody knows how long, and the loop would be woken for it for ever.
    private bool RefuseOne()
    {
        _relay.Counters.Overloaded++;
        StreamSocket.Close(_reserve);
        var descriptor = StreamSocket.Accept(Descriptor, out _);
        StreamSocket.Close(descriptor, reset: true);
        _reserve = Libc.eventfd(0, Libc.EFD_CLOEXEC);
        if (descriptor < 0)
        {
            Pause();
        }

        return descriptor >= 0;
    }

    // Not even refusing works: try again at the next tick instead of being woken for the same connection without end.
    private void Pause()
    {
        _isPaused = true;
        Loop.Unwatch(this);
        Loop.ScheduleAtTick(this);
    }
}
