namespace PolicyProxy.Protocols.Dns;

/// <summary>The data of an SVCB or HTTPS record (RFC 9460 §2.2), a view.</summary>
/// <param name="record">A record of type SVCB or HTTPS out of a message that was read.</param>
public readonly ref struct DnsServiceBinding(DnsResourceRecord record)
{
    private readonly DnsResourceRecord _record = record;

    /// <summary>0 for an alias, else the rank, lowest first; 0 too for a record of another type.</summary>
    public int Priority => new SpanReader(_record.Data).TryReadUInt16(out var priority) ? priority : 0;

    /// <summary>Where the service is; the root means the owner itself, or for an alias that there is none.</summary>
    public DnsWireName Target => _record.Target;

    /// <summary>The parameters in ascending order of their keys.</summary>
    public DnsServiceParameters Parameters => new(ParameterBytes);

    internal ReadOnlySpan<byte> ParameterBytes
    {
        get
        {
            var reader = new SpanReader(_record.Data);
            _ = reader.TrySkip(sizeof(ushort));

            // uncompressed, so its end is found without the message
            while (reader.TryReadByte(out var length) && length != 0 && reader.TrySkip(length))
            {
            }

            return reader.Rest;
        }
    }

    /// <summary>Finds a parameter.</summary>
    /// <param name="key">A key of <see cref="DnsServiceParameter"/>, or any other.</param>
    /// <param name="value">Its value, perhaps empty; empty if it is absent.</param>
    public bool TryFind(ushort key, out ReadOnlySpan<byte> value)
    {
        foreach (var parameter in Parameters)
        {
            if (parameter.Key == key)
            {
                value = parameter.Value;
                return true;
            }
        }

        value = default;
        return false;
    }
}

/// <summary>One SvcParam (RFC 9460 §14.3.2 for the keys).</summary>
public readonly ref struct DnsServiceParameter
{
    /// <summary>Keys that a client must understand to use the record.</summary>
    public const ushort Mandatory = 0;

    /// <summary>Application protocols.</summary>
    public const ushort Alpn = 1;

    /// <summary>Port, if not the default.</summary>
    public const ushort Port = 3;

    /// <summary>IPv4 addresses, 4 bytes each.</summary>
    public const ushort IPv4Hint = 4;

    /// <summary>Keys for Encrypted Client Hello, which hides the server name from a policy.</summary>
    public const ushort Ech = 5;

    /// <summary>IPv6 addresses, 16 bytes each.</summary>
    public const ushort IPv6Hint = 6;

    internal const int HeaderBytes = 4;

    internal DnsServiceParameter(ushort key, ReadOnlySpan<byte> value)
    {
        Key = key;
        Value = value;
    }

    /// <summary>Key number.</summary>
    public ushort Key { get; }

    /// <summary>Value as sent.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Bytes on the wire: key, length and value.</summary>
    internal int Length => HeaderBytes + Value.Length;
}
