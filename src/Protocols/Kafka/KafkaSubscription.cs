namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// The topics that a member of a consumer group subscribes to, as it says in JoinGroup: in the metadata of every protocol it offers, mostly the same ones each time
/// (ConsumerProtocolSubscription). To the protocol that metadata is opaque: what has another form is no error and no subscription. <c>foreach (var topic in subscription)</c>; a view
/// on the request's frame, its own enumerator, allocates nothing.
/// </summary>
public ref struct KafkaSubscription
{
    private KafkaBodyWalker _walker;
    private SpanReader _topics;
    private int _left;

    private KafkaSubscription(scoped in KafkaRequest request) => _walker = request.Walk(KafkaWalkMode.Subscriptions);

    /// <summary>A topic, of kind Topic; only after <see cref="MoveNext"/> gave true.</summary>
    public KafkaName Current { get; private set; }

    /// <summary>How many topics there are, repeated if repeated; more than 0 once read.</summary>
    public int TopicCount { get; private set; }

    /// <summary>The type of the protocols of consumer groups. Connect, schema registries and others have types of their own.</summary>
    internal static ReadOnlySpan<byte> GroupType => "consumer"u8;

    /// <summary>Reads what a request subscribes to.</summary>
    /// <param name="request">A whole request, its body walked; must outlive the subscription.</param>
    /// <param name="subscription">In front of the first topic; default on failure.</param>
    /// <returns>
    /// False if it is no JoinGroup, an outline without its bytes, if the group is not one of consumers, if the metadata of one of its protocols
    /// has another form, or if no topic is named.
    /// </returns>
    public static bool TryRead(scoped in KafkaRequest request, out KafkaSubscription subscription)
    {
        subscription = default;
        if (request is not { ApiKey: KafkaApi.JoinGroup, Layout: not null, IsWhole: true })
        {
            return false;
        }

        var count = 0;
        var isOfConsumers = false;
        var walker = request.Walk(KafkaWalkMode.Subscriptions);
        for (var stop = walker.Next(); stop != KafkaStop.End; stop = walker.Next())
        {
            if (stop == KafkaStop.GroupType)
            {
                isOfConsumers = walker.Value.SequenceEqual(GroupType);
            }
            else if (stop == KafkaStop.Subscription && !(isOfConsumers && TryCount(walker.Value, ref count)))
            {
                return false;
            }
        }

        subscription = count == 0 ? default : new KafkaSubscription(request) { TopicCount = count };
        return count > 0;
    }

    /// <summary>Goes to the next topic; false at the end.</summary>
    public bool MoveNext()
    {
        while (_left == 0)
        {
            var stop = _walker.Next();
            if (stop == KafkaStop.End)
            {
                return false;
            }

            if (stop == KafkaStop.Subscription)
            {
                _topics = new SpanReader(_walker.Value);
                _ = TryOpen(ref _topics, out _left);
            }
        }

        _left--;
        _ = TryReadTopic(ref _topics, out var topic); // checked when it was read
        Current = new KafkaName(KafkaNameKind.Topic, -1, topic, [], 0);
        return true;
    }

    /// <summary>A fresh enumerator.</summary>
    public readonly KafkaSubscription GetEnumerator() => this;

    /// <summary>Writes the metadata of a member that subscribes to one topic, with its length.</summary>
    internal static void Write(ReadOnlySpan<byte> topic, scoped ref KafkaFrameWriter output)
    {
        output.Count(sizeof(short) + sizeof(int) + sizeof(short) + topic.Length + sizeof(int));
        output.Number(sizeof(short), 0);
        output.Number(sizeof(int), 1);
        output.Number(sizeof(short), topic.Length);
        output.Bytes(topic);
        output.Number(sizeof(int), -1);
    }

    // Version, topics, user data; what later versions put behind that names nothing new and is not looked at.
    private static bool TryCount(ReadOnlySpan<byte> metadata, ref int count)
    {
        var reader = new SpanReader(metadata);
        if (!TryOpen(ref reader, out var topics))
        {
            return false;
        }

        for (var i = 0; i < topics; i++)
        {
            if (!TryReadTopic(ref reader, out _))
            {
                return false;
            }
        }

        count += topics;
        return reader.TryReadInt32(out var userData) && (userData == -1 || reader.TrySkip(userData));
    }

    private static bool TryOpen(scoped ref SpanReader reader, out int topics)
    {
        topics = 0;
        return reader.TryReadInt16(out var version) && version >= 0 && reader.TryReadInt32(out topics) && topics >= 0 && topics <= reader.Remaining / sizeof(short);
    }

    // Not nullable.
    private static bool TryReadTopic(scoped ref SpanReader reader, out ReadOnlySpan<byte> topic)
    {
        topic = default;
        return reader.TryReadInt16(out var length) && reader.TryRead(length, out topic);
    }
}
