using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>One source port for queries to one resolver: a connected socket, which hears nobody else.</summary>
internal sealed unsafe class DnsUpstreamSocket : LoopSocket
{
    /// <summary>Batches received before others get their turn.</summary>
    private const int MaxTurns = 8;

    private readonly DnsLoop _loop;
    private readonly DnsResolver _resolver;
    private readonly Dictionary<ushort, PendingQuery> _pending = [];
    private readonly long _openedAt;
    private int _used;
    private bool _isRetired;

    public DnsUpstreamSocket(DnsLoop loop, DnsResolver resolver, int descriptor)
        : base(loop.Events, descriptor)
    {
        _loop = loop;
        _resolver = resolver;
        _openedAt = loop.Events.Now;
    }

    /// <summary>True if another port should be used for new queries.</summary>
    public bool IsWorn => _used >= _loop.Options.QueriesPerPort || Loop.Now - _openedAt >= (long)_loop.Options.PortAge.TotalMilliseconds;

    public DnsResolver Resolver => _resolver;

    /// <summary>Gives a query an id that no other has here.</summary>
    public void Add(PendingQuery query)
    {
        ushort id;
        do
        {
            id = _loop.Ids.Next();
        }
        while (!_pending.TryAdd(id, query));
        query.Id = id;
        query.Upstream = this;
        _used++;
    }

    /// <summary>Waits no more for a query's answer.</summary>
    public void Forget(PendingQuery query)
    {
        _pending.Remove(query.Id);
        if (_isRetired && _pending.Count == 0)
        {
            Close();
        }
    }

    /// <summary>Takes no more queries; closes when the last is answered or given up.</summary>
    public void Retire()
    {
        _isRetired = true;
        if (_pending.Count == 0)
        {
            Close();
        }
    }

    public void Close() => CloseSocket();

    public override void OnReady()
    {
        for (var turn = 0; turn < MaxTurns && IsOpen; turn++)
        {
            var count = _loop.Answers.Receive(Descriptor);
            if (count < 0 && count != -Libc.EAGAIN)
            {
                FailAll(); // the machine is there, nobody listens
                return;
            }

            for (var i = 0; i < count; i++)
            {
                Take(i);
            }

            _loop.FlushReplies();
            if (count < _loop.Answers.Capacity)
            {
                AwaitReceive();
                return;
            }
        }

        Loop.Schedule(this);
    }

    /// <summary>A query's time is over.</summary>
    public void OnTimeout(PendingQuery query)
    {
        _loop.Counters.Timeouts++;
        _loop.Fail(query, DnsExtendedErrorCode.NoReachableAuthority);
    }

    public override void OnTimeout() => throw new InvalidOperationException("queries have timeouts, sockets have none");

    public override void OnFault() => FailAll();

    private void Take(int index)
    {
        var message = _loop.Answers[index];
        if (_loop.Answers.IsCutOff(index)
            || !DnsAnswer.TryParse(message, _loop.Options.Messages, out var answer, out _)
            || !_pending.TryGetValue(answer.Id, out var query)
            || !(answer.Matches(query.Id, query.Question) || IsBareError(answer)))
        {
            _loop.Counters.Unexpected++;
            return;
        }

        _resolver.Note(answered: true);
        _loop.Counters.Answered++;

        // Before the client knows an address, everybody who judges by it does.
        _loop.Learn(_resolver.Permit, answer);
        _loop.Report(query, answer);
        var start = _loop.Answers.Start(index);
        var length = _loop.Options.StripsEch ? _loop.StripEch(answer, ref start) : message.Length;
        if (length == 0)
        {
            _loop.Answer(query, DnsExtendedErrorCode.Filtered);
        }
        else
        {
            DnsMessage.WriteId(new Span<byte>(start, length), query.ClientId);
            _loop.Reply(query.Client, start, length, query.Sender);
        }

        Forget(query);
        _loop.Pending.Return(query);
    }

    // Servers that cannot read EDNS answer FORMERR without the question. Nothing is learned of it.
    public static bool IsBareError(scoped in DnsAnswer answer) =>
        answer.Question.Bytes.IsEmpty && answer.ResponseCode != DnsResponseCode.NoError && answer.Message.Header is { AnswerCount: 0, AuthorityCount: 0 };

    private void FailAll()
    {
        foreach (var query in _pending.Values.ToArray())
        {
            _loop.Fail(query, DnsExtendedErrorCode.NetworkError);
        }

        _loop.FlushReplies();
    }
}
