using System.Diagnostics;
using System.Net;
using PolicyProxy.Enforcement.Dns;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>
/// A client that asks over TCP. Its allowed queries go over a connection of its own to the resolver it asks; answers come back in the order
/// in which the resolver gives them (RFC 7766 §6.2.1.1).
/// </summary>
internal sealed class DnsStreamClient : DnsStream
{
    private readonly byte[] _reply = new byte[DnsReplyWriter.MaxBytes];
    private readonly IPEndPoint _resolver;
    private ConnectionPermit _permit;
    private DnsStreamUpstream? _upstream;
    private bool _isFull;

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
        Loop.Schedule(this);
    }

    public override void OnReady() => Run();

    public override void OnTimeout() => Close(reset: _upstream is { IsWaiting: true });

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

        _upstream?.Resume();
        _isFull = false;
        while (IsOpen && (Judge() || Fill()))
        {
            Dns.StreamTimeouts.Start(Timeout, Loop.Now);
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
        if (IsOpen && HasEnded && !HasUnsent && _upstream is not { IsWaiting: true })
        {
            Close(reset: false);
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

    /// <summary>The upstream is gone; what waited there gets SERVFAIL.</summary>
    public void OnUpstreamClosed(IReadOnlyCollection<StreamQuery> waiting, int extendedError)
    {
        _upstream = null;
        foreach (var query in waiting)
        {
            Dns.Counters.Failed++;
            if (!TryFail(query, extendedError))
            {
                Close(reset: true);
                return;
            }
        }
    }

    public void Close(bool reset)
    {
        if (!IsOpen)
        {
            return;
        }

        CloseStream(reset);
        Dns.StreamClosed();
        var upstream = _upstream;
        _upstream = null;
        upstream?.Close();
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

        if (frame.IsEmpty || (_upstream?.Waiting ?? 0) >= Dns.Options.MaxPendingPerStream)
        {
            return false;
        }

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
        else if (!_upstream.TryAsk(StreamQuery.Of(query, Stopwatch.GetTimestamp()), message))
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
}
