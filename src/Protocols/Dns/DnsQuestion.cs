namespace PolicyProxy.Protocols.Dns;

/// <summary>What a message asks (RFC 1035 §4.1.2), a view on the message.</summary>
public readonly ref struct DnsQuestion
{
    private DnsQuestion(ReadOnlySpan<byte> bytes, DnsWireName name, ushort type, ushort @class)
    {
        Bytes = bytes;
        Name = name;
        Type = type;
        Class = @class;
    }

    /// <summary>
    /// Name, type and class as sent, at most 259 bytes. Never compressed: nothing stands in front that a pointer could lead to. An answer
    /// repeats these bytes, case included.
    /// </summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The name.</summary>
    public DnsWireName Name { get; }

    /// <summary>The query type number; see <see cref="DnsQueryType"/>.</summary>
    public ushort Type { get; }

    /// <summary>The class; 1 = IN.</summary>
    public ushort Class { get; }

    internal static ProtocolErrorCode TryRead(ReadOnlySpan<byte> message, scoped ref SpanReader reader, out DnsQuestion question)
    {
        question = default;
        var start = reader.Rest;
        var code = DnsWireName.TryRead(message, ref reader, out var name, out _);
        if (code != ProtocolErrorCode.None)
        {
            return code;
        }

        if (!reader.TryReadUInt16(out var type) || !reader.TryReadUInt16(out var @class))
        {
            return ProtocolErrorCode.Truncated;
        }

        question = new(start[..(start.Length - reader.Remaining)], name, type, @class);
        return ProtocolErrorCode.None;
    }
}
