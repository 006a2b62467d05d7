namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// The topics of a request, walked again on every enumeration without a copy: <c>foreach (var topic in request.Topics)</c>. Its own
/// enumerator: copy it to start over. The spans it gives live as long as the frame.
/// </summary>
public ref struct KafkaTopics
{
    private KafkaNames _names;

    internal KafkaTopics(KafkaNames names) => _names = names;

    /// <summary>The topic at hand; only after <see cref="MoveNext"/> gave true.</summary>
    public readonly KafkaTopic Current => new(_names.Current.Bytes, _names.Current.IdBytes);

    /// <summary>Goes to the next topic. The body was checked when the request was parsed, so false means the end.</summary>
    public bool MoveNext()
    {
        while (_names.MoveNext())
        {
            if (IsTopic(_names.Current))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A fresh enumerator.</summary>
    public readonly KafkaTopics GetEnumerator() => this;

    /// <summary>True for topics whose data are asked for, not their configuration.</summary>
    internal static bool IsTopic(in KafkaName name) =>
        name is { Kind: KafkaNameKind.Topic or KafkaNameKind.TopicId, ResourceType: 0 };
}
