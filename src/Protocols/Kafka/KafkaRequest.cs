namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// One Kafka request, a view on its frame. The header is always read; the body is walked once on parsing if its layout is known and in
/// scope, so that enumerating names cannot fail afterwards. Nothing is copied or allocated; the frame must outlive the view.
/// </summary>
public readonly ref struct KafkaRequest
{
    private readonly ReadOnlySpan<byte> _frame;
    private readonly int _bodyStart;
    private readonly KafkaLayout? _layout;
    private readonly KafkaNumbers _numbers;
    private readonly KafkaWalkMode _mode;

    internal KafkaRequest(scoped in KafkaRequestHeader header, ReadOnlySpan<byte> frame, int bodyStart)
    {
        ApiKey = header.ApiKey;
        ApiVersion = header.ApiVersion;
        CorrelationId = header.CorrelationId;
        ClientId = header.HasClientId ? frame.Slice(ClientIdStart, header.ClientId.Length) : default;
        HasClientId = header.HasClientId;
        IsWhole = IsOutlineComplete = true;
        _frame = frame;
        _bodyStart = bodyStart;
        _numbers = new KafkaNumbers();
    }

    internal KafkaRequest(
        scoped in KafkaRequestHeader header, ReadOnlySpan<byte> frame, int bodyStart, KafkaLayout layout, scoped in KafkaWalkState walked, KafkaWalkMode mode, bool isWhole)
        : this(header, frame, bodyStart)
    {
        _layout = layout;
        _numbers = walked.Numbers;
        _mode = mode;
        IsWhole = IsOutlineComplete = isWhole;
        NameCount = walked.NameCount;
        TopicCount = walked.TopicCount;
        TopicScope = walked.AsksForAll || KafkaApi.EmptyMeansAll(this) ? KafkaTopicScope.All : KafkaTopicScope.Listed;
    }

    // behind key, version, correlation id and length
    private const int ClientIdStart = 10;

    /// <summary>What is asked; see <see cref="KafkaApi"/>. Never negative; may be a key without a name.</summary>
    public short ApiKey { get; }

    /// <summary>Version of the request; never negative.</summary>
    public short ApiVersion { get; }

    /// <summary>Number the response has to repeat.</summary>
    public int CorrelationId { get; }

    /// <summary>Client id as sent, not checked for UTF-8; empty for null. Cut before logging.</summary>
    public ReadOnlySpan<byte> ClientId { get; }

    /// <summary>False for a null client id and for the one header without the field.</summary>
    public bool HasClientId { get; }

    /// <summary>How far the topics are known; ask this before <see cref="Topics"/>.</summary>
    public KafkaTopicScope TopicScope { get; }

    /// <summary>True if a rule about topics cannot be judged from this request.</summary>
    public bool TopicsUnknown => TopicScope == KafkaTopicScope.Unknown;

    /// <summary>How many topics <see cref="Topics"/> yields.</summary>
    public int TopicCount { get; }

    /// <summary>Every topic named, in order, repeated if repeated; empty unless the scope is Listed or All.</summary>
    public KafkaTopics Topics => new(Names);

    /// <summary>How many names <see cref="Names"/> yields.</summary>
    public int NameCount { get; }

    /// <summary>
    /// Every topic, pattern, group, transactional id, coordinator key and configuration resource named, in wire order; empty if the
    /// body was not walked. What is null names nothing and is left out.
    /// </summary>
    public KafkaNames Names => NameCount == 0 ? default : new(_layout!, _frame[_bodyStart..], _mode, NameCount);

    /// <summary>Fetch, ListOffsets, OffsetForLeaderEpoch: who asks. 0 and above is a broker or pretends to be one; -1 a client, also for all others.</summary>
    public int ReplicaId => _numbers.ReplicaId;

    /// <summary>Produce: acknowledgements wanted. 0: there is no response.</summary>
    public short Acks => _numbers.Acks;

    /// <summary>Fetch and ShareFetch: how long the broker may wait, in milliseconds as sent; 0 for others.</summary>
    public int MaxWait => _numbers.MaxWait;

    /// <summary>Fetch v7 and up: the session; 0 for none.</summary>
    public int SessionId => _numbers.SessionId;

    /// <summary>Fetch, ShareFetch, ShareAcknowledge: epoch of the session. Fetch: -1 none, 0 a new one; share: 0 a new one, -1 the last of it.</summary>
    public int SessionEpoch => _numbers.SessionEpoch;

    /// <summary>Metadata: absent topics are created if the broker allows it. True below v4, which cannot say no, and for others.</summary>
    public bool AllowAutoTopicCreation => _numbers.AutoCreate;

    /// <summary>Where in the frame the byte of <see cref="AllowAutoTopicCreation"/> is; -1 if there is none. Writing 0 there forbids it.</summary>
    public int AutoTopicCreationOffset => _numbers.AutoCreateAt < 0 ? -1 : _bodyStart + _numbers.AutoCreateAt;

    /// <summary>True unless the request is only the outline of a frame, without its records.</summary>
    internal bool IsWhole { get; }

    /// <summary>False for an outline that ends before the body does.</summary>
    internal bool IsOutlineComplete { get; init; }

    /// <summary>The frame without its length, in an outline without records.</summary>
    internal ReadOnlySpan<byte> Frame => _frame;

    /// <summary>Where the body begins in the frame.</summary>
    internal int BodyStart => _bodyStart;

    /// <summary>Layout of the body; null if it was not walked.</summary>
    internal KafkaLayout? Layout => _layout;

    /// <summary>Reads a request.</summary>
    /// <param name="frame">The whole frame without its 4-byte length.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="request">The view; default on failure.</param>
    /// <param name="error">
    /// Truncated, TooLarge, TrailingBytes, KafkaVersion (a negative key or version), KafkaLength, KafkaVarint, KafkaTags or
    /// KafkaTopicReference. A newer version than the table knows is no error: brokers answer it (KIP-511), and its topics are Unknown.
    /// </param>
    public static bool TryParse(ReadOnlySpan<byte> frame, KafkaLimits limits, out KafkaRequest request, out ProtocolError error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        request = default;
        var reader = new SpanReader(frame);
        if (frame.Length > limits.MaxFrameBytes)
        {
            error = new(ProtocolErrorCode.TooLarge, 0);
            return false;
        }

        if (!KafkaRequestHeader.TryRead(ref reader, limits, out var header, out var code))
        {
            error = new(code, reader.Position);
            return false;
        }

        if (WalkedLayout(header, limits) is not { } layout)
        {
            request = new(header, frame, reader.Position);
            error = default;
            return true;
        }

        if (layout.IsFlexible && !KafkaTags.TrySkip(ref reader, out code))
        {
            error = new(code, reader.Position);
            return false;
        }

        return TryWalk(header, frame, reader.Position, layout, limits, out request, out error);
    }

    /// <summary>The layout to walk the body by; null if it is not known or not in scope.</summary>
    internal static KafkaLayout? WalkedLayout(scoped in KafkaRequestHeader header, KafkaLimits limits) =>
        limits.Bodies == KafkaBodyScope.EveryKnownRequest || KafkaApi.IsTopicRequest(header.ApiKey)
            ? KafkaLayoutTable.Find(header.ApiKey, header.ApiVersion)
            : null;

    /// <summary>True if a topic is given by name and by id at once, which servers read in different ways.</summary>
    internal static bool IsAmbiguous(in KafkaName name, KafkaLimits limits) =>
        limits.Bodies == KafkaBodyScope.EveryKnownRequest && !name.Bytes.IsEmpty && !name.IdBytes.IsEmpty;

    /// <summary>A walk over the body.</summary>
    internal KafkaBodyWalker Walk(KafkaWalkMode mode) => new(_layout!, _frame[_bodyStart..], mode | _mode);

    private static bool TryWalk(
        scoped in KafkaRequestHeader header, ReadOnlySpan<byte> frame, int bodyStart, KafkaLayout layout, KafkaLimits limits, out KafkaRequest request, out ProtocolError error)
    {
        var walker = new KafkaBodyWalker(layout, frame[bodyStart..]);
        request = default;
        while (walker.MoveNext())
        {
            if (IsAmbiguous(walker.Current, limits))
            {
                error = new(ProtocolErrorCode.KafkaTopicReference, bodyStart + walker.Position);
                return false;
            }
        }

        if (walker.Error.Code != ProtocolErrorCode.None)
        {
            error = walker.Error with { Offset = bodyStart + walker.Error.Offset };
            return false;
        }

        request = new(header, frame, bodyStart, layout, walker.State, KafkaWalkMode.Names, isWhole: true);
        error = default;
        return true;
    }
}
