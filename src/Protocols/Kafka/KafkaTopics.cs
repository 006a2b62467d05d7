namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// The topics of a request, walked again on every enumeration without a copy: <c>foreach (var topic in request.Topics)</c>. Its own
/// enumerator: copy it to start over. The spans it gives live as long as the frame.
/// </summary>
public ref struct KafkaTopics
{
    private readonly bool _walks;
    private KafkaBodyWalker _walker;

    internal KafkaTopics(KafkaLayout? layout, ReadOnlySpan<byte> body)
    {
        _walks = layout is not null;
        _walker = layout is null ? default : new KafkaBodyWalker(layout, body);
    }

    /// <summary>The topic at hand; only after <see cref="MoveNext"/> gave true.</summary>
    public readonly KafkaTopic Current => _walker.Current;

    /// <summary>Goes to the next topic. The body was checked when the request was parsed, so false means the end.</summary>
    public bool MoveNext() => _walks && _walker.MoveNext();

    /// <summary>A fresh enumerator.</summary>
    public readonly KafkaTopics GetEnumerator() => this;
}
