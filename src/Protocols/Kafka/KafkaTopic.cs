namespace PolicyProxy.Protocols.Kafka;

/// <summary>How far the topics of a request are known.</summary>
public enum KafkaTopicScope
{
    /// <summary>The body was not walked: the key is out of scope or its version is newer than the table. The zero value, so it fails closed.</summary>
    Unknown = 0,

    /// <summary>The request names its topics, perhaps none, and <see cref="KafkaRequest.Topics"/> yields each of them.</summary>
    Listed = 1,

    /// <summary>The request asks for every topic there is (Metadata, OffsetFetch and others with a null list).</summary>
    All = 2,
}

/// <summary>One topic of a request, as often as the request names it.</summary>
public readonly ref struct KafkaTopic
{
    internal KafkaTopic(ReadOnlySpan<byte> name, ReadOnlySpan<byte> id)
    {
        Name = name;
        Id = id;
    }

    /// <summary>Name as sent, UTF-8 by agreement and not checked; compare bytes. Empty if the request gives only an id.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The 16 bytes of the topic id (KIP-516); empty if the request gives none or the zero id.</summary>
    public ReadOnlySpan<byte> Id { get; }
}
