namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// One Kafka request, a view on its frame. The header is always read; the body is walked once on parsing if its layout is known and in
/// scope, so that enumerating topics cannot fail afterwards. Nothing is copied or allocated; the frame must outlive the view.
/// </summary>
public readonly ref struct KafkaRequest
{
    private readonly KafkaLayout? _layout;
    private readonly ReadOnlySpan<byte> _body;

    private KafkaRequest(scoped in Header header, ReadOnlySpan<byte> body, KafkaLayout? layout, KafkaTopicScope scope, int topicCount)
    {
        ApiKey = header.ApiKey;
        ApiVersion = header.ApiVersion;
        CorrelationId = header.CorrelationId;
        ClientId = header.ClientId;
        HasClientId = header.HasClientId;
        TopicScope = scope;
        TopicCount = topicCount;
        _body = body;
        _layout = layout;
    }

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
    public KafkaTopics Topics => new(_layout, _body);

    /// <summary>Reads a request.</summary>
    /// <param name="frame">The whole frame without its 4-byte length.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="request">The view; default on failure.</param>
    /// <param name="error">
    /// Truncated, TooLarge, TrailingBytes, KafkaVersion (a negative key or version), KafkaLength, KafkaVarint or KafkaTags. A newer version
    /// than the table knows is no error: brokers answer it (KIP-511), and its topics are Unknown.
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

        if (!Header.TryRead(ref reader, limits, out var header, out var code))
        {
            error = new(code, reader.Position);
            return false;
        }

        var layout = KafkaLayoutTable.Find(header.ApiKey, header.ApiVersion);
        var walks = layout is not null && (limits.Bodies == KafkaBodyScope.EveryKnownRequest || KafkaApi.IsTopicRequest(header.ApiKey));
        if (!walks)
        {
            request = new(header, reader.Rest, null, KafkaTopicScope.Unknown, topicCount: 0);
            error = default;
            return true;
        }

        if (layout!.IsFlexible && !KafkaTags.TrySkip(ref reader, out code))
        {
            error = new(code, reader.Position);
            return false;
        }

        return TryWalk(header, layout, reader, out request, out error);
    }

    private static bool TryWalk(scoped in Header header, KafkaLayout layout, SpanReader reader, out KafkaRequest request, out ProtocolError error)
    {
        var walker = new KafkaBodyWalker(layout, reader.Rest);
        var topics = 0;
        while (walker.MoveNext())
        {
            topics++;
        }

        if (walker.Error.Code != ProtocolErrorCode.None)
        {
            request = default;
            error = walker.Error with { Offset = reader.Position + walker.Error.Offset };
            return false;
        }

        // Metadata v0 has no null list; the empty one asks for all (KIP-4)
        var all = walker.AsksForAll || (topics == 0 && header is { ApiKey: KafkaApi.Metadata, ApiVersion: 0 });
        request = new(header, reader.Rest, layout, all ? KafkaTopicScope.All : KafkaTopicScope.Listed, topics);
        error = default;
        return true;
    }

    /// <summary>Request header v0 (without client id), v1, and v2 up to its tagged fields; the client id is never compact.</summary>
    private ref struct Header
    {
        public short ApiKey;
        public short ApiVersion;
        public int CorrelationId;
        public ReadOnlySpan<byte> ClientId;
        public bool HasClientId;

        public static bool TryRead(scoped ref SpanReader reader, KafkaLimits limits, out Header header, out ProtocolErrorCode error)
        {
            header = default;
            error = ProtocolErrorCode.Truncated;
            if (!reader.TryReadInt16(out header.ApiKey)
                || !reader.TryReadInt16(out header.ApiVersion)
                || !reader.TryReadInt32(out header.CorrelationId))
            {
                return false;
            }

            if (header.ApiKey < 0 || header.ApiVersion < 0)
            {
                error = ProtocolErrorCode.KafkaVersion;
                return false;
            }

            if (header is { ApiKey: KafkaApi.ControlledShutdown, ApiVersion: 0 })
            {
                error = ProtocolErrorCode.None;
                return true;
            }

            if (!reader.TryReadInt16(out var length))
            {
                return false;
            }

            header.HasClientId = length >= 0;
            error = length < -1 ? ProtocolErrorCode.KafkaLength
                : length > limits.MaxClientIdBytes ? ProtocolErrorCode.TooLarge
                : reader.TryRead(Math.Max(length, (short)0), out header.ClientId) ? ProtocolErrorCode.None
                : ProtocolErrorCode.KafkaLength;
            return error == ProtocolErrorCode.None;
        }
    }
}
