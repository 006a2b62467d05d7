namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// Reads which id stands for which topic name out of the responses that say both: Metadata v10 and up, CreateTopics v7, DescribeTopicPartitions,
/// the descriptions of groups and the offsets of share groups. An id stands for one topic for ever (KIP-516), a name for another one when the
/// topic was made anew. Learn from a response before it is filtered, and only for the cluster it came from.
/// </summary>
public ref struct KafkaMetadataReader
{
    private KafkaBodyWalker _walker;

    private KafkaMetadataReader(KafkaBodyWalker walker) => _walker = walker;

    /// <summary>A topic with <see cref="KafkaName.Bytes"/> and <see cref="KafkaName.Id"/>; only after <see cref="MoveNext"/> gave true.</summary>
    public readonly KafkaName Current => _walker.Current;

    /// <summary>True for the keys and versions whose responses say both.</summary>
    /// <param name="apiKey">Key of the request.</param>
    /// <param name="apiVersion">Its version.</param>
    public static bool Teaches(short apiKey, short apiVersion) => apiKey switch
    {
        KafkaApi.Metadata => apiVersion >= 10,
        KafkaApi.CreateTopics => apiVersion >= 7,
        KafkaApi.DescribeTopicPartitions or 69 or 77 or 90 => true,
        _ => false,
    };

    /// <summary>Begins to read a response, once it has been walked to its end.</summary>
    /// <param name="apiKey">Key of the request.</param>
    /// <param name="apiVersion">Its version.</param>
    /// <param name="frame">The response, without its 4-byte length; must outlive the reader.</param>
    /// <param name="reader">In front of the first pair; default on failure.</param>
    /// <returns>False if it does not teach or is malformed.</returns>
    public static bool TryRead(short apiKey, short apiVersion, ReadOnlySpan<byte> frame, out KafkaMetadataReader reader)
    {
        reader = default;
        if (!Teaches(apiKey, apiVersion) || !KafkaResponse.TryFindBody(apiKey, apiVersion, frame, out var layout, out var bodyStart))
        {
            return false;
        }

        var walker = new KafkaBodyWalker(layout, frame[bodyStart..]);
        reader = new KafkaMetadataReader(walker);
        while (walker.MoveNext())
        {
            // to the end, for what is malformed there
        }

        return walker.IsReadableResponse;
    }

    /// <summary>Goes to the next pair; false at the end.</summary>
    public bool MoveNext()
    {
        while (_walker.MoveNext())
        {
            if (!Current.Bytes.IsEmpty && !Current.IdBytes.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A fresh enumerator.</summary>
    public readonly KafkaMetadataReader GetEnumerator() => this;
}
