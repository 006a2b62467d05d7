using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Relay.Origins;
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
    private readonly ListeningSocket _socket;
    private bool _isPaused;
    private int _reserve = Libc.eventfd(0, Libc.EFD_CLOEXEC);

    /// <summary>Watches a listening socket.</summary>
    /// <param name="relay">The loop whose thread accepts.</param>
    /// <param name="loops">All loops.</param>
    /// <param name="socket">The listening socket; owned by the server, not by this.</param>
    public Listener(RelayLoop relay, IReadOnlyList<RelayLoop> loops, ListeningSocket socket)
        : base(relay.Events, socket.Descriptor)
    {
        _relay = relay;
        _loops = loops;
        _socket = socket;
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

        if (_relay.Shared.AnswerTls is { } answer && _socket.Origin is Forwarded)
        {
            _relay.Counters.Accepted++;
            answer(descriptor, peer, Forwarded.LocalOf(descriptor, _socket.Address), Choose());
            return;
        }

        if (!TryJudge(descriptor, peer, out var permit, out var route))
        {
            Refuse(descriptor);
            return;
        }

        _relay.Counters.Accepted++;
        if (route is not null && permit is { IsAllowed: true, Kind: L7Kind.Dns })
        {
            _relay.Shared.ReturnConnection();
            _relay.Shared.ServeDns!(descriptor, permit, route.Address);
            return;
        }

        var target = Choose();
        target.Counters.AddActive();
        if (target == _relay)
        {
            Begin(_relay, descriptor, permit, route);
        }
        else
        {
            target.Events.Post(() => Begin(target, descriptor, permit, route));
        }
    }

    // False if the connection is to be reset.
    private bool TryJudge(int descriptor, IPEndPoint? peer, out ConnectionPermit permit, out UpstreamRoute? route)
    {
        try
        {
            var door = _relay.Door;
            if (!_socket.Origin.TryAdmit(new AcceptedConnection(descriptor, peer, _socket.Address), door, out permit, out route))
            {
                _relay.Counters.Strays++;
                return false;
            }

            if (ReferenceEquals(route, UpstreamRoute.NamedByClient))
            {
                return true; // there is nothing to judge before the client has said where to
            }

            // Of a connection that a client made to us, whatever is no HTTP is answered with an error. Of one that was redirected, even that
            // would be taken for an answer of whoever it was made to.
            if (route is not null && permit.IsAllowed && !IsReadable(permit.Kind))
            {
                _relay.Counters.Refused++;
                door.Gate.Drop(permit.Tuple, $"rules need to look into the connection, and nobody here can read {permit.Kind}");
                return false;
            }

            if (permit.IsAllowed || door.RefusedConnection != RefusedConnection.Reset)
            {
                return true;
            }

            _relay.Counters.Refused++;
            return false;
        }
        catch // our bug: the client must not wait for somebody who has forgotten it
        {
            Refuse(descriptor);
            throw;
        }
    }

    private bool IsReadable(L7Kind kind) => kind switch
    {
        L7Kind.None or L7Kind.Http or L7Kind.Kafka => true,
        L7Kind.Tls or L7Kind.Name => _relay.Options.PassThrough,
        L7Kind.Dns => _relay.Shared.ServeDns is not null,
        _ => false,
    };

    private void Refuse(int descriptor)
    {
        _relay.Shared.ReturnConnection();
        StreamSocket.Close(descriptor, reset: true);
    }

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

    /// <summary>Starts a connection that counts already. On the loop's thread.</summary>
    public static void Begin(RelayLoop relay, int descriptor, in ConnectionPermit permit, UpstreamRoute? route)
    {
        var client = new ClientConnection(relay, descriptor, permit, route);
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
        StreamSocket.Close(_reserve);
        var descriptor = StreamSocket.Accept(Descriptor, out var peer);
        _reserve = Libc.eventfd(0, Libc.EFD_CLOEXEC);
        if (descriptor >= 0 && _reserve >= 0)
        {
            Take(descriptor, peer); // some have become free since: this connection need not pay for one that is gone
            return true;
        }

        _relay.Counters.Overloaded++;
        StreamSocket.Close(descriptor, reset: true);
        if (_reserve < 0)
        {
            _reserve = Libc.eventfd(0, Libc.EFD_CLOEXEC);
        }

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
