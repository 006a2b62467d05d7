namespace PolicyProxy.Protocols.Tls;

/// <summary>
/// The application protocols a client offers, in its order of preference (RFC 7301): <c>foreach (var name in hello.ApplicationProtocols)</c>.
/// Its own enumerator: copy it to start over. The spans live as long as the message.
/// </summary>
public ref struct TlsProtocolNames
{
    private SpanReader _names;

    internal TlsProtocolNames(ReadOnlySpan<byte> names)
    {
        _names = new SpanReader(names);
        Current = default;
    }

    /// <summary>The name at hand, never empty; only after <see cref="MoveNext"/> gave true.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Goes to the next name. The list was checked when the message was parsed, so false means the end.</summary>
    public bool MoveNext()
    {
        if (!_names.TryReadByte(out var length) || !_names.TryRead(length, out var name))
        {
            return false;
        }

        Current = name;
        return true;
    }

    /// <summary>A fresh enumerator.</summary>
    public readonly TlsProtocolNames GetEnumerator() => this;
}
