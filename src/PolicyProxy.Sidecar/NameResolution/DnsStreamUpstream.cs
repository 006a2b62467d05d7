using System.Net;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>The connection to a resolver on which one client's queries go.</summary>
internal sealed unsafe class DnsStreamUpstream : DnsStream
{
    private readonly DnsStreamClient _client;
    private readonly DnsResolver _resolver;
    private readonly Dictionary<ushort, StreamQuery> _waiting = [];
    private bool _isConnected;
    private bool _isHeldUp;
    private long? _answeredAt;

    private DnsStreamUpstream(DnsLoop loop, DnsStreamClient client, DnsResolver resolver, int descriptor, bool isConnected)
        : base(loop, descriptor)
    {
        _client = client;
        _resolver = resolver;
        _isConnected = isConnected;
        if (isConnected)
        {
            AssumeSendable();
        }
    }

    /// <summary>Queries without an answer.</summary>
    public int Waiting => _waiting.Count;

    public bool IsWaiting => _waiting.Count > 0;

    /// <summary>True while the client takes no answers, though there are some.</summary>
    public bool IsHeldUp => _isHeldUp;

    /// <summary>Begins to connect; null if that failed at once.</summary>
    public static DnsStreamUpstream? Open(DnsLoop loop, DnsStreamClient client, IPEndPoint resolver)
    {
        var descriptor = StreamSocket.Create(resolver.AddressFamily);
        if (descriptor < 0)
        {
            return null;
        }

        StreamSocket.Prepare(descriptor);
        descriptor = StreamSocket.Connect(descriptor, resolver, out var isConnected);
        if (descriptor < 0)
        {
            return null;
        }

        var upstream = new DnsStreamUpstream(loop, client, loop.Resolver(resolver), descriptor, isConnected);
        if (loop.Events.Watch(upstream))
        {
            return upstream;
        }

        upstream.CloseStream(reset: false);
        return null;
    }

    /// <summary>Sends a query under an id of its own; false if there is no room now.</summary>
    public bool TryAsk(StreamQuery query)
    {
        ushort id;
        do
        {
            id = Dns.Ids.Next();
        }
        while (_waiting.ContainsKey(id));
        if (!TryWrite(query.Message, id))
        {
            if (!HasUnsent)
            {
                Loop.ScheduleAtTick(_client); // no memory: nothing else would wake it
            }

            return false;
        }

        query.Id = id;
        _waiting.Add(id, query);
        Dns.Counters.Forwarded++;
        Dns.QueryTimeouts.StartOnce(query.Timeout, Loop.Now);
        Loop.Schedule(this);
        return true;
    }

    /// <summary>The client may take answers again.</summary>
    public void Resume()
    {
        if (HasUnread)
        {
            Loop.Schedule(this);
        }
    }

    public override void OnReady()
    {
        if (!_isConnected)
        {
            if (StreamSocket.TakeError(Descriptor) != 0)
            {
                Fail();
                return;
            }

            if (!CanSend)
            {
                return;
            }

            _isConnected = true;
        }

        if (IsBroken || !Drain())
        {
            Fail();
            return;
        }

        _isHeldUp = false;
        while (IsOpen && (Take() || Fill()))
        {
        }

        // Answers that the client does not take yet come before the end.
        if (IsOpen && HasEnded && !_isHeldUp)
        {
            Fail();
        }

        _client.Run();
    }

    public override void OnTimeout() => throw new InvalidOperationException("queries have timeouts, connections to resolvers have none");

    /// <summary>
    /// A query's time is over. It alone is given up if the resolver has answered another one meanwhile; a connection that has been silent all
    /// the while is, with everything that waits there.
    /// </summary>
    /// <returns>False if nothing of it is left.</returns>
    public bool TryGiveUp(StreamQuery query)
    {
        if (!(_answeredAt >= query.Timeout.StartedAt))
        {
            Fail(DnsExtendedErrorCode.NoReachableAuthority);
            return false;
        }

        _resolver.Note(answered: false);
        if (_waiting.TryGetValue(query.Id, out var waiting) && waiting == query)
        {
            _waiting.Remove(query.Id);
        }

        return true;
    }

    public override void OnFault() => Fail();

    /// <summary>Closes; nobody is told.</summary>
    public void Close()
    {
        CloseStream(reset: false);
        foreach (var query in _waiting.Values)
        {
            query.Timeout.Cancel();
        }
    }

    private void Fail(int extendedError = DnsExtendedErrorCode.NetworkError)
    {
        if (IsWaiting)
        {
            _resolver.Note(answered: false);
        }

        CloseStream(reset: false);
        if (_answeredAt is not null && extendedError == DnsExtendedErrorCode.NetworkError)
        {
            _client.AskAgain(_waiting.Values); // it went while they were on their way: nobody refused them (RFC 7766 §6.2.4)
        }
        else
        {
            _client.OnUpstreamClosed(_waiting.Values, extendedError);
        }

        _client.Run();
    }

    // True if a message was dealt with.
    private bool Take()
    {
        var frame = NextFrame(ushort.MaxValue, out var isBroken);
        if (isBroken)
        {
            Fail();
            return false;
        }

        if (frame.IsEmpty)
        {
            return false;
        }

        var message = frame[DnsTcpScanner.LengthBytes..];
        if (!DnsAnswer.TryParse(message, Dns.Options.Messages, out var answer, out _)
            || !_waiting.TryGetValue(answer.Id, out var query)
            || !(answer.Matches(answer.Id, query.Question) || DnsUpstreamSocket.IsBareError(answer)))
        {
            Dns.Counters.Unexpected++;
            Skip(frame.Length);
            return true;
        }

        var id = answer.Id;
        if (!PassOn(answer, message, query))
        {
            _isHeldUp = true; // the client does not take it yet
            return false;
        }

        _resolver.Note(answered: true);
        _answeredAt = Loop.Now;
        _waiting.Remove(id);
        query.Timeout.Cancel();
        Skip(frame.Length);
        return true;
    }

    private bool PassOn(scoped in DnsAnswer answer, Span<byte> message, StreamQuery query)
    {
        Dns.Learn(_client.Permit, answer);
        fixed (byte* original = message)
        {
            var start = original;
            var length = Dns.Options.StripsEch ? Dns.StripEch(answer, ref start) : message.Length;
            var sent = new Span<byte>(start, length);
            var id = answer.Id;
            DnsMessage.WriteId(sent, query.ClientId);
            if (length == 0 ? !_client.TryFail(query, DnsExtendedErrorCode.Filtered) : !_client.TryAnswer(sent))
            {
                DnsMessage.WriteId(message, id); // still unread
                return false;
            }
        }

        if (Dns.Door.IsObserved)
        {
            Dns.Door.Complete(_client.Permit, answer, query.TimeStamp);
        }

        Dns.Counters.Answered++;
        return true;
    }
}
