namespace PolicyProxy.Protocols.Dns;

/// <summary>Where in a message a record stands (RFC 1035 §4.1).</summary>
public enum DnsSection
{
    /// <summary>Records that answer the question.</summary>
    Answer = 0,

    /// <summary>Records that point to an authority.</summary>
    Authority = 1,

    /// <summary>Records that go with the others, and those about the message: OPT, TSIG.</summary>
    Additional = 2,
}

/// <summary>
/// One record (RFC 1035 §4.1.3), a view on its message. Its data was checked against its type when the message was read, so that the typed
/// views (<see cref="Target"/>, <see cref="DnsMailExchange"/>, <see cref="DnsServiceBinding"/>, ...) only give what is there. Types without a view are
/// opaque bytes (RFC 3597).
/// </summary>
public readonly ref struct DnsResourceRecord
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly uint _ttl;

    // type, class and TTL are the 64 bits behind the name
    private DnsResourceRecord(ReadOnlySpan<byte> message, DnsSection section, DnsWireName name, long fields, int dataOffset, ReadOnlySpan<byte> data)
    {
        _message = message;
        _ttl = (uint)fields;
        Name = name;
        Type = (ushort)(fields >> 48);
        Class = (ushort)(fields >> 32);
        Section = section;
        Data = data;
        DataOffset = dataOffset;
    }

    /// <summary>Owner name.</summary>
    public DnsWireName Name { get; }

    /// <summary>Type number; see <see cref="DnsQueryType"/>.</summary>
    public ushort Type { get; }

    /// <summary>Class; 1 = IN. Of OPT the UDP payload size.</summary>
    public ushort Class { get; }

    /// <summary>Seconds the record may be kept, 0..2,147,483,647; one with the highest bit set counts as 0 (RFC 2181 §8).</summary>
    public int Ttl => _ttl > int.MaxValue ? 0 : (int)_ttl;

    /// <summary>The section.</summary>
    public DnsSection Section { get; }

    /// <summary>The data as sent; names inside may be compressed and mean nothing outside the message.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Offset of <see cref="Data"/> in the message.</summary>
    public int DataOffset { get; }

    /// <summary>The 4 bytes of an A or 16 of an AAAA record of class IN in network order; empty for all others.</summary>
    public ReadOnlySpan<byte> Address => Class == DnsQueryType.ClassIn && Type is DnsQueryType.A or DnsQueryType.Aaaa ? Data : default;

    /// <summary>
    /// The one name that the record points to: of CNAME, DNAME, NS, PTR, MX, SRV, SVCB, HTTPS and the old types with one. The root for
    /// types without a name, so look at <see cref="Type"/> first.
    /// </summary>
    public DnsWireName Target
    {
        get
        {
            var shape = DnsDataShape.Of(Type);
            return shape.Names == 0 ? default : DnsWireName.At(_message, DataOffset + shape.BytesBefore);
        }
    }

    internal ReadOnlySpan<byte> Message => _message;

    /// <summary>The TTL field as sent: of OPT the extended flags.</summary>
    internal uint RawTtl => _ttl;

    /// <summary>Reads a record and steps over its data, which is not checked.</summary>
    internal static ProtocolErrorCode TryRead(ReadOnlySpan<byte> message, DnsSection section, scoped ref SpanReader reader, out DnsResourceRecord record)
    {
        var code = DnsWireName.TryRead(message, ref reader, out var name, out _);
        if (code == ProtocolErrorCode.None)
        {
            return TryReadRest(message, section, name, ref reader, out record) ? ProtocolErrorCode.None : ProtocolErrorCode.Truncated;
        }

        record = default;
        return code;
    }

    /// <summary>Reads a record that was checked before.</summary>
    internal static bool TryReadAgain(ReadOnlySpan<byte> message, DnsSection section, scoped ref SpanReader reader, out DnsResourceRecord record) =>
        TryReadRest(message, section, DnsWireName.Skip(message, ref reader), ref reader, out record);

    private static bool TryReadRest(ReadOnlySpan<byte> message, DnsSection section, DnsWireName name, scoped ref SpanReader reader, out DnsResourceRecord record)
    {
        if (!reader.TryReadInt64(out var fields) || !reader.TryReadUInt16(out var length) || !reader.TryRead(length, out var data))
        {
            record = default;
            return false;
        }

        record = new(message, section, name, fields, reader.Position - length, data);
        return true;
    }
}
