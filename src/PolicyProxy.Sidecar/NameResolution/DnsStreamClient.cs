using System.Diagnostics;
using System.Net;
using PolicyProxy.Enforcement.Dns;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>
/// A client that asks over TCP. Its allowed queries go over a connection of its own to the resolver it asks; answers come back in the order
/// in which the resolver gives them (RFC 7766 §6.2.1.1).
/// </summary>
internal sealed class DnsStreamClient : DnsStream
{
    private readonly byte[] _reply = new byte[DnsReplyWriter.MaxBytes];
    private readonly IPEndPoint _resolver;
    private readonly List<StreamQuery> _again = [];
    private ConnectionPermit _permit;
    private DnsStreamUpstream? _upstream;
    private bool _isFull;
    private bool _hasAsked;
    private bool _asksNoMore;
    private bool _lingers;
    private bool _hasEndedSending;

    /// <param name="loop">The loop whose thread runs it.</param>
    /// <param name="descriptor">The accepted socket.</param>
    /// <param name="permit">The verdict on the connection.</param>
    /// <param name="resolver">Whom the client asks.</param>
    public DnsStreamClient(DnsLoop loop, int descriptor, in ConnectionPermit permit, IPEndPoint resolver)
        : base(loop, descriptor)
    {
        _permit = permit;
        _resolver = resolver;
        AssumeReady();
    }

    /// <summary>Asks for a first turn.</summary>
    public void Start()
    {
        Dns.StreamTimeouts.Start(Timeout, Loop.Now);
        if (Dns.IsDraining)
        {
            OnDrain();
        }

        Loop.Schedule(this);
    }

    /// <summary>The proxy stops: closes as soon as nothing is asked, and takes no more queries after a grace. A client that has just come may ask first.</summary>
    public void OnDrain()
    {
        Dns.DrainGraceTimeouts.Start(Timeout, Loop.Now);
        Run();
        _lingers = true;
    }

    public override void OnReady() => Run();

    public override void OnTimeout()
    {
        if (Dns.IsDraining && !_asksNoMore && IsOwedAnswers)
        {
            _asksNoMore = true;
            Dns.StreamTimeouts.Start(Timeout, Loop.Now);
            return;
        }

        Close(reset: _upstream is { IsWaiting: true });
    }

    public override void OnFault() => Close(reset: true);

    /// <summary>Goes on: the upstream has taken or given something.</summary>
    public void Run()
    {
        if (!IsOpen)
        {
            return;
        }

        if (IsBroken || !Drain())
        {
            Close(reset: true);
            return;
        }

        if (Dns.IsDraining)
        {
            AssumeReady(); // nothing that has come is left unread when it is closed
        }

        _upstream?.Resume();
        _isFull = false;
        while (IsOpen && AskAgain() && !_asksNoMore && (Judge() || Fill()))
        {
            if (!Dns.IsDraining)
            {
                Dns.StreamTimeouts.Start(Timeout, Loop.Now);
            }
        }

        var hadUnsent = HasUnsent;
        if (IsOpen && !Drain())
        {
            Close(reset: true);
        }

        // There is room again: nothing else would bring it back to what it has received already.
        if (IsOpen && _isFull && !HasUnsent)
        {
            Resume(isWaitingForMemory: !hadUnsent);
        }

        // Its last answers still go out.
        if (IsOpen && (HasEnded || HasDrained) && !IsOwedAnswers)
        {
            End();
        }
    }

    /// <summary>The upstream passes an answer on; false if there is no room now.</summary>
    public bool TryAnswer(ReadOnlySpan<byte> message) => TryWrite(message);

    /// <summary>Answers SERVFAIL to a query; false if there is no room now.</summary>
    public bool TryFail(StreamQuery query, int extendedError)
    {
        Span<byte> message = stackalloc byte[DnsQueryShape.MaxBytes];
        var length = query.Shape.Write(query.ClientId, query.Question, message);
        return TryWrite(_reply.AsSpan(0, DnsDoor.Fail(message[..length], extendedError, _reply)));
    }

    /// <summary>The upstream, which had answered others, is gone; what waited there goes to the resolver once more.</summary>
    public void AskAgain(IReadOnlyCollection<StreamQuery> waiting)
    {
        _upstream = null;
        _again.AddRange(waiting);
    }

    /// <summary>The upstream is gone; what waited there gets SERVFAIL.</summary>
    public void OnUpstreamClosed(IReadOnlyCollection<StreamQuery> waiting, int extendedError)
    {
        _upstream = null;
        StreamQuery[] failed = [.. waiting, .. _again]; // those would share its fate
        _again.Clear();
        foreach (var query in failed)
        {
            Fail(query, extendedError);
        }
    }

    /// <summary>A query's time is over.</summary>
    public void OnTimeout(StreamQuery query)
    {
        if (_upstream is { IsHeldUp: true })
        {
            Dns.QueryTimeouts.Start(query.Timeout, Loop.Now); // its answer may have come: the client does not take the one before
            return;
        }

        Dns.Counters.Timeouts++;
        if (_upstream?.TryGiveUp(query) != false)
        {
            _again.Remove(query);
            Fail(query, DnsExtendedErrorCode.NoReachableAuthority);
        }

        Run();
    }

    public void Close(bool reset)
    {
        if (!IsOpen)
        {
            return;
        }

        CloseStream(reset);
        Dns.StreamClosed();
        _again.ForEach(static query => query.Timeout.Cancel());
        _again.Clear();
        var upstream = _upstream;
        _upstream = null;
        upstream?.Close();
    }

    private void Fail(StreamQuery query, int extendedError)
    {
        query.Timeout.Cancel();
        if (IsOpen)
        {
            Dns.Counters.Failed++;
            if (!TryFail(query, extendedError))
            {
                Close(reset: true);
            }
        }
    }

    // False if some still wait for room.
    private bool AskAgain()
    {
        while (_again.Count > 0)
        {
            _upstream ??= DnsStreamUpstream.Open(Dns, this, _resolver);
            if (_upstream is null)
            {
                OnUpstreamClosed([], DnsExtendedErrorCode.NetworkError);
                return IsOpen;
            }

            if (!_upstream.TryAsk(_again[0]))
            {
                return false;
            }

            _again.RemoveAt(0);
        }

        return true;
    }

    // A client that goes on asking would be reset, and might lose the answers on their way: it sees the end behind them, and what it still sends is thrown away.
    private void End()
    {
        if (HasEnded || !_lingers)
        {
            Close(reset: false);
            return;
        }

        if (!_hasEndedSending)
        {
            _hasEndedSending = _asksNoMore = true;
            StreamSocket.EndSending(Descriptor);
            Dns.DrainGraceTimeouts.Start(Timeout, Loop.Now);
        }

        DiscardUnread();
        while (Fill())
        {
            DiscardUnread();
        }

        if (HasEnded)
        {
            Close(reset: false);
        }
    }

    // True if a message was dealt with.
    private bool Judge()
    {
        var frame = NextFrame(Dns.Options.Messages.MaxQueryBytes, out var isBroken);
        if (isBroken)
        {
            Dns.Counters.Malformed++;
            Close(reset: true);
            return false;
        }

        if (frame.IsEmpty || (_upstream?.Waiting ?? 0) + _again.Count >= Dns.Options.MaxPendingPerStream)
        {
            return false;
        }

        _hasAsked = true;
        var message = frame[DnsTcpScanner.LengthBytes..];
        switch (Dns.Door.Decide(ref _permit, message, Dns.Scratch, out var query, _reply, out var length))
        {
            case DnsDecision.Reply when !TryWrite(_reply.AsSpan(0, length)):
                _isFull = true;
                return false; // judged again when there is room; who does not read his answers waits for them
            case DnsDecision.Reply:
                Dns.Counters.Queries++;
                Dns.Counters.Denied++;
                break;
            case DnsDecision.Forward:
                return Forward(frame.Length, message, query);
            default:
                Dns.Counters.Malformed++;
                break;
        }

        Skip(frame.Length);
        return true;
    }

    private bool Forward(int frameBytes, Span<byte> message, scoped in DnsQuery query)
    {
        _upstream ??= DnsStreamUpstream.Open(Dns, this, _resolver);
        if (_upstream is null)
        {
            Dns.Resolver(_resolver).Note(answered: false);
            if (!TryWrite(_reply.AsSpan(0, DnsDoor.Fail(message, DnsExtendedErrorCode.NetworkError, _reply))))
            {
                _isFull = true;
                return false;
            }

            Dns.Counters.Failed++;
        }
        else if (!_upstream.TryAsk(new StreamQuery(this, query, message, Stopwatch.GetTimestamp())))
        {
            return false;
        }

        Dns.Counters.Queries++;
        Skip(frameBytes);
        return true;
    }

    private void Resume(bool isWaitingForMemory)
    {
        if (isWaitingForMemory)
        {
            Loop.ScheduleAtTick(this);
        }
        else
        {
            Loop.Schedule(this);
        }
    }

    internal ref ConnectionPermit Permit => ref _permit;

    private bool IsOwedAnswers => HasUnsent || _again.Count > 0 || _upstream is { IsWaiting: true };

    private bool HasDrained => Dns.IsDraining && (_asksNoMore || (_hasAsked && !HasUnread));
}
