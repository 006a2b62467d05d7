namespace PolicyProxy.Enforcement.Kafka;

/// <summary>What becomes of a response.</summary>
internal enum KafkaAction : byte
{
    /// <summary>It passes as it comes.</summary>
    Pass,

    /// <summary>Answers to denied elements are put in.</summary>
    Merge,

    /// <summary>Likewise in front of those of the broker, which pass while they come.</summary>
    MergeHead,

    /// <summary>What policy does not show is taken out, and topic ids are learned.</summary>
    Filter,

    /// <summary>Keys and versions that cannot be judged are taken out.</summary>
    Versions,

    /// <summary>It is ours: nobody else gets it.</summary>
    Own,

    /// <summary>There is none: the answer is here.</summary>
    Answer,
}

/// <summary>A request on its way, and what becomes of its response. Brokers answer in the order of the requests.</summary>
internal struct KafkaPending
{
    public KafkaAction Action;
    public short ApiKey;
    public short ApiVersion;
    public int CorrelationId;

    /// <summary>The whole answer, or the answers to denied elements.</summary>
    public byte[]? Bytes;

    /// <summary>The request without its length, where its response has to be judged again.</summary>
    public byte[]? Request;

    /// <summary>True if no topic may be shown in the response, whatever was asked for.</summary>
    public bool ShowsNothing;

    /// <summary>Of a Fetch that opens a session (KIP-227): what it was judged by.</summary>
    public object? Rules;

    /// <summary>Of an answer: not before this, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long NotBefore;
}

/// <summary>Requests on their way on one connection, in order. Bounded. Not thread-safe.</summary>
internal sealed class KafkaPendingQueue(int capacity)
{
    private KafkaPending[] _ring = new KafkaPending[Math.Min(capacity, 8)];
    private int _head;

    public int Count { get; private set; }

    public bool IsFull => Count >= capacity;

    /// <summary>The oldest.</summary>
    public ref KafkaPending Head => ref _ring[_head];

    public void Add(in KafkaPending pending)
    {
        if (Count == _ring.Length)
        {
            Grow();
        }

        _ring[(_head + Count) % _ring.Length] = pending;
        Count++;
    }

    public void RemoveHead()
    {
        _ring[_head] = default;
        _head = (_head + 1) % _ring.Length;
        Count--;
    }

    private void Grow()
    {
        var larger = new KafkaPending[_ring.Length * 2];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = _ring[(_head + i) % _ring.Length];
        }

        (_ring, _head) = (larger, 0);
    }
}
