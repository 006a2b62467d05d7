using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Tls;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// A client's connection and everything that happens on it, one request at a time: bytes behind a request wait until its response has
/// been sent, so the order of pipelined requests is kept.
/// <code>
/// Begin ──► Detect ──► Head ──► Exchange ──► Head …  every byte that is forwarded was judged before
///   │                    └────► Reply ─────► Head …  our own answer; the rest of the request is thrown away
///   │                                └─────► Closing nothing more is answered; waits for the client to close
///   └────────────────────────► Tunnel                also from Exchange, behind a 101
/// Begin or Detect ──► Hello ──► Tunnel               where rules ask for the server name of a TLS handshake
/// Begin ──► Kafka                                    where rules are about Kafka requests
/// Head ──► Resolve ──► Exchange                      where the client names a destination in each request
///              └─────► Open ──► Detect, Hello, Tunnel  behind a CONNECT
/// </code>
/// </summary>
internal sealed unsafe partial class ClientConnection : LoopSocket
{
    /// <summary>Turns before other connections get theirs: about a megabyte with the default buffers.</summary>
    private const int MaxTurns = 16;

    private readonly RelayLoop _relay;
    private UpstreamRoute? _route;
    private ConnectionPermit _permit;
    private ByteWindow _request;
    private ByteWindow _response;
    private UpstreamConnection? _upstream;
    private Stage _stage;
    private bool _hasEndedSending;
    private AddressHold? _hold;

    /// <summary>Takes over an accepted connection.</summary>
    /// <param name="relay">The loop whose thread runs it.</param>
    /// <param name="descriptor">The connected socket.</param>
    /// <param name="permit">The verdict on the connection, which is not a denial unless denials are to be answered.</param>
    /// <param name="route">Where it goes on; null = to the sidecar's upstream.</param>
    public ClientConnection(RelayLoop relay, int descriptor, in ConnectionPermit permit, UpstreamRoute? route)
        : base(relay.Events, descriptor)
    {
        _relay = relay;
        _permit = permit;
        _route = route;
        _permit.Tuple = _permit.Tuple with { OriginatesTls = OriginatesTls && IsInTheOpen };
        _serverName = permit.TlsName.ToString();
        _namesDestinations = ReferenceEquals(route, UpstreamRoute.NamedByClient);
        _head = new Http1HeadScanner(relay.Options.Http);
        AssumeReady();
    }

    private bool IsInTheOpen => _route is null or { Decrypted: null };

    private bool OriginatesTls => _relay.Shared.Originate is not null;

    protected override bool EndsBroken => _route?.Decrypted is { Client.WasCut: true };

    private enum Stage : byte
    {
        Begin,
        Detect,
        Hello,
        Head,
        Resolve,
        Open,
        Exchange,
        Reply,
        Tunnel,
        Kafka,
        Closing,
    }

    /// <summary>Asks for a first turn. It is the connection's own: what goes wrong in it must not be taken for the listener's fault.</summary>
    public void Start()
    {
        _relay.KeepAliveTimeouts.Start(Timeout, Loop.Now);
        if (_relay.IsDraining)
        {
            OnDrain();
        }

        Loop.Schedule(this);
    }

    public override void OnReady()
    {
        switch (_stage)
        {
            case Stage.Closing when IsBroken:
                Close();
                break;
            case not (Stage.Tunnel or Stage.Kafka) when IsBroken:
                Abort();
                break;
            default:
                Run();
                break;
        }
    }

    /// <summary>The upstream has connected, has sent something or takes more.</summary>
    public void OnUpstreamReady() => Run();

    /// <summary>The upstream that was kept for this client's next request is gone.</summary>
    public void OnRestingUpstreamClosed() => _upstream = null;

    /// <summary>
    /// The relay stops: no further request is taken. A connection that has just come may still send its first one: a client that connects
    /// while listeners are handed over must not find itself between two processes.
    /// </summary>
    public void OnDrain()
    {
        if (_stage is Stage.Begin or Stage.Detect or Stage.Hello)
        {
            _relay.DrainGraceTimeouts.Start(Timeout, Loop.Now);
        }
        else if (_stage == Stage.Head && _request.IsEmpty && IsSilent())
        {
            Close();
        }
        else if (_stage == Stage.Kafka)
        {
            _kafka!.BeginClosing();
            Loop.Schedule(this);
        }
    }

    public override void OnTimeout()
    {
        _relay.Counters.Timeouts++;
        switch (_stage)
        {
            case Stage.Detect when _permit.Kind == L7Kind.Name && !_relay.IsDraining:
                RefuseUnread("the client says nothing, so no name is shown; a server that speaks first needs a rule by address");
                Run();
                break;
            case Stage.Hello:
                RefuseUnread("the ClientHello did not come in time");
                Run();
                break;
            case Stage.Head when !_request.IsEmpty:
                _facts = default;
                Reply(_relay.Shared.Replies.HeadTimeout, closes: true);
                Run();
                break;
            case Stage.Exchange when !_isAnswered && _response.Sendable == 0 && IsRequestForwarded:
                FailUpstream(_relay.Shared.Replies.UpstreamTimeout, "upstream: no response in time");
                Run();
                break;
            case Stage.Begin or Stage.Detect or Stage.Head or Stage.Closing:
                Close();
                break;
            default:
                Abort();
                break;
        }
    }

    public override void OnFault() => Abort();

    /// <summary>Ends the connection as broken: the client must not take what it has got for complete.</summary>
    public void Abort() => Close(reset: true);

    private void Run()
    {
        for (var turns = 0; IsOpen; turns++)
        {
            if (turns == MaxTurns)
            {
                Loop.Schedule(this);
                return;
            }

            var moved = _stage switch
            {
                Stage.Begin => Begin(),
                Stage.Detect => Detect(),
                Stage.Hello => ReadHello(),
                Stage.Head => ReadHead(),
                Stage.Resolve => false, // until the answer comes
                Stage.Open => MoveOpen(),
                Stage.Exchange => Exchange(),
                Stage.Reply => MoveReply(),
                Stage.Tunnel => MoveTunnel(),
                Stage.Kafka => MoveKafka(),
                _ => Linger(),
            };
            if (!moved)
            {
                return;
            }
        }
    }

    /// <summary>Receives once into a window; true if bytes came. Without memory it tries again at the next tick.</summary>
    private bool Fill(LoopSocket from, ref ByteWindow window)
    {
        if (!from.CanReceive)
        {
            return false;
        }

        if (!window.TryReserve(Loop.Buffers, out var free, out var room))
        {
            if (!window.HasBuffer)
            {
                Loop.ScheduleAtTick(this);
            }

            return false;
        }

        if (from.Receive(free, room, out var count) != IoStatus.Done)
        {
            return false;
        }

        window.Receive(count);
        return true;
    }

    /// <summary>Sends what was judged; true if bytes went.</summary>
    private static bool Drain(ref ByteWindow window, LoopSocket to, out bool failed)
    {
        failed = false;
        if (window.Sendable == 0 || !to.CanSend)
        {
            return false;
        }

        var status = to.Send(window.SendPointer, window.Sendable, out var count);
        failed = status == IoStatus.Failed;
        if (status != IoStatus.Done)
        {
            return false;
        }

        window.Send(count);
        return true;
    }

    // A tunnel if policy needs to see nothing, else the first bytes.
    private bool Begin()
    {
        _stage = _namesDestinations ? Stage.Head : Stage.Detect;
        if (!_namesDestinations && !HasInside && _permit is { IsAllowed: true, Kind: L7Kind.Kafka })
        {
            StartKafka();
            return true;
        }

        if (_namesDestinations || !_permit.IsAllowed || !_relay.Options.PassThrough)
        {
            return true;
        }

        if (_permit.Kind == L7Kind.None || (_route is { Decrypted: not null } && _permit.Kind is L7Kind.Tls or L7Kind.Name))
        {
            StartPassThrough();
        }
        else if (_permit.Kind == L7Kind.Tls && !_permit.HasTlsContext && (_route is not null || _permit.AllowsWithoutServerName))
        {
            StartHello();
        }
        else if (_permit.Kind == L7Kind.Name)
        {
            _relay.NameTimeouts.Start(Timeout, Loop.Now); // a client that waits for its server to speak first never shows a name
        }

        return true;
    }

    // HTTP/2 is for the server that speaks it; the bytes stay in the kernel for it. TLS is only looked at where rules ask for its name: a client
    // of the sidecar itself that shows none is told so in HTTP.
    private bool Detect()
    {
        if (!CanReceive)
        {
            return false;
        }

        var first = stackalloc byte[Http2Preface.Length];
        var status = Peek(first, Http2Preface.Length, out var count);
        var isHttp2 = status == IoStatus.Done ? Http2Preface.Match(new ReadOnlySpan<byte>(first, count)) : false;
        if (status == IoStatus.WouldBlock || (isHttp2 is null && !PeerHasEnded))
        {
            AwaitReceive();
            return false;
        }

        var asksForName = HasInside || (_permit is { IsAllowed: true, Kind: L7Kind.Tls or L7Kind.Name } && _relay.Options.PassThrough);
        if (asksForName && status == IoStatus.Done && *first == TlsHelloScanner.FirstByte)
        {
            StartHello();
            return true;
        }

        if (_permit is { IsAllowed: true, HasTlsContext: true } && IsInTheOpen && (isHttp2 is true || _permit.Kind == L7Kind.Kafka))
        {
            _relay.Counters.Refused++;
            _relay.Door.Gate.DropHandshake(_permit, [], "a rule has a TLS context, and the client speaks HTTP/2 or Kafka in the open");
            Abort();
            return false;
        }

        if (_permit is { IsAllowed: true, Kind: L7Kind.Kafka })
        {
            _upstream?.Take(this); // behind a CONNECT
            StartKafka();
            return true;
        }

        if (isHttp2 is true)
        {
            _relay.Counters.HandedOver++;
            var permit = _permit;
            permit.Tuple = permit.Tuple with { OriginatesTls = false };
            _relay.Shared.HandOver(Leave(), permit, _route);
            return false;
        }

        if (asksForName && _permit.Kind == L7Kind.Name)
        {
            StartHello();
            return true;
        }

        _stage = Stage.Head;
        return true;
    }

    // Everything is answered; what the client still sends is read so that its side is not reset before it has read ours (RFC 9112 §9.6).
    private bool Linger()
    {
        if (!_hasEndedSending)
        {
            _hasEndedSending = true;
            StreamSocket.EndSending(Descriptor);
        }

        var moved = Fill(this, ref _request);
        _request.Release(Loop.Buffers);
        if (HasEnded)
        {
            Close();
        }

        return moved;
    }

    // Only once every byte of the last response was sent.
    private void CloseGracefully()
    {
        _stage = Stage.Closing;
        _relay.LingerTimeouts.Start(Timeout, Loop.Now);
    }

    private void Close(bool reset = false)
    {
        _route?.Decrypted?.Client.Close(reset);
        if (Leave(reset) is >= 0 and var descriptor)
        {
            StreamSocket.Close(descriptor, reset);
        }
    }

    // Gives back everything but the descriptor.
    private int Leave(bool reset = false)
    {
        var descriptor = Release();
        if (descriptor < 0)
        {
            return -1;
        }

        if (_upstream is { } upstream)
        {
            _upstream = null;
            upstream.Close(reset: upstream.IsBusy && (reset || _stage == Stage.Exchange));
        }

        _hold?.Dispose();
        ForgetRequest();
        _request.Release(Loop.Buffers);
        _response.Release(Loop.Buffers);
        _edited.Release(Loop.Buffers);
        if (_kafka is { } kafka)
        {
            Count(kafka);
            kafka.Release();
        }

        _relay.Counters.RemoveActive();
        _relay.Shared.ReturnConnection();
        return descriptor;
    }
}
