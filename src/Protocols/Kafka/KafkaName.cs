namespace PolicyProxy.Protocols.Kafka;

/// <summary>What a name in a Kafka message names.</summary>
public enum KafkaNameKind
{
    /// <summary>Nothing; the zero value.</summary>
    None = 0,

    /// <summary>A topic by name, perhaps with its id. A topic resource of a configuration request is one too.</summary>
    Topic = 1,

    /// <summary>A topic by id alone (KIP-516).</summary>
    TopicId = 2,

    /// <summary>A regular expression over topic names, which the broker evaluates (KIP-848, KIP-1071).</summary>
    TopicPattern = 3,

    /// <summary>A consumer, share or streams group.</summary>
    Group = 4,

    /// <summary>A transactional id.</summary>
    TransactionalId = 5,

    /// <summary>A share coordinator key, <c>group:topicId:partition</c> (KIP-932).</summary>
    ShareKey = 6,

    /// <summary>A configuration resource that is neither topic nor group; <see cref="KafkaName.ResourceType"/> says which.</summary>
    Resource = 7,
}

/// <summary>One name in a Kafka message, as often as the message has it. Its spans live as long as the message.</summary>
public readonly ref struct KafkaName
{
    internal KafkaName(KafkaNameKind kind, int position, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> idBytes, sbyte resourceType)
    {
        Kind = kind;
        Position = position;
        Bytes = bytes;
        IdBytes = idBytes;
        ResourceType = resourceType;
    }

    /// <summary>What is named.</summary>
    public KafkaNameKind Kind { get; }

    /// <summary>Index of the name in <see cref="KafkaRequest.Names"/>, from 0; -1 for a topic of a <see cref="KafkaSubscription"/>, which is not among them.</summary>
    public int Position { get; }

    /// <summary>The name as sent, UTF-8 by agreement and not checked; empty for TopicId.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The 16 bytes of the topic id; empty if the message gives none or the zero id.</summary>
    public ReadOnlySpan<byte> IdBytes { get; }

    /// <summary>The topic id; empty if the message gives none or the zero id, which no topic has.</summary>
    public Guid Id => IdBytes.IsEmpty ? Guid.Empty : new Guid(IdBytes, bigEndian: true);

    /// <summary>For names in configuration requests: 2 topic, 4 broker, 8 logger, 16 client metrics, 32 group. Else 0.</summary>
    public sbyte ResourceType { get; }
}
