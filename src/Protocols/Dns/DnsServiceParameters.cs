namespace PolicyProxy.Protocols.Dns;

/// <summary>The SvcParams of a record; its own enumerator, so copy it to start over.</summary>
public ref struct DnsServiceParameters
{
    private SpanReader _reader;
    private ushort _key;
    private ReadOnlySpan<byte> _value;

    internal DnsServiceParameters(ReadOnlySpan<byte> bytes)
    {
        _reader = new SpanReader(bytes);
        _key = 0;
        _value = default;
    }

    /// <summary>The parameter at hand; only after <see cref="MoveNext"/> gave true.</summary>
    public readonly DnsServiceParameter Current => new(_key, _value);

    /// <summary>Goes to the next parameter.</summary>
    public bool MoveNext() =>
        _reader.TryReadUInt16(out _key) && _reader.TryReadUInt16(out var length) && _reader.TryRead(length, out _value);

    /// <summary>A fresh enumerator.</summary>
    public readonly DnsServiceParameters GetEnumerator() => this;

    /// <summary>Keys strictly ascending (RFC 9460 §2.2), lengths that fit, and values of the length their key says.</summary>
    internal static ProtocolErrorCode Check(ReadOnlySpan<byte> bytes)
    {
        var reader = new SpanReader(bytes);
        var last = -1;
        while (reader.Remaining > 0)
        {
            if (!reader.TryReadUInt16(out var key) || !reader.TryReadUInt16(out var length) || !reader.TryRead(length, out var value)
                || key <= last || !HasItsLength(key, value.Length))
            {
                return ProtocolErrorCode.DnsServiceParameter;
            }

            last = key;
        }

        return ProtocolErrorCode.None;
    }

    private static bool HasItsLength(ushort key, int length) => key switch
    {
        DnsServiceParameter.Mandatory => length > 0 && length % sizeof(ushort) == 0,
        DnsServiceParameter.Port => length == sizeof(ushort),
        DnsServiceParameter.IPv4Hint => length > 0 && length % 4 == 0,
        DnsServiceParameter.IPv6Hint => length > 0 && length % 16 == 0,
        _ => true,
    };
}
