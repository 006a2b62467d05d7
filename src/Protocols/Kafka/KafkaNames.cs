namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// The names of a request in wire order, walked again on every enumeration without a copy: <c>foreach (var name in request.Names)</c>.
/// Its own enumerator: copy it to start over.
/// </summary>
public ref struct KafkaNames
{
    private readonly int _count;
    private KafkaBodyWalker _walker;

    internal KafkaNames(KafkaLayout layout, ReadOnlySpan<byte> body, KafkaWalkMode mode, int count)
    {
        _count = count;
        _walker = new KafkaBodyWalker(layout, body, mode);
    }

    /// <summary>The name at hand; only after <see cref="MoveNext"/> gave true.</summary>
    public readonly KafkaName Current => _walker.Current;

    /// <summary>Goes to the next name, and no further behind the last. The body was checked when the request was parsed, so false means the end.</summary>
    public bool MoveNext() => _walker.NameCount < _count && _walker.MoveNext();

    /// <summary>A fresh enumerator.</summary>
    public readonly KafkaNames GetEnumerator() => this;
}
