namespace PolicyProxy.Protocols.Dns;

/// <summary>What an OPT record says (RFC 6891 §6.1), a view. The default is a message without one.</summary>
public readonly ref struct DnsEdns
{
    /// <summary>What everybody can receive over UDP, in bytes (RFC 1035 §4.2.1).</summary>
    public const int MinUdpPayloadBytes = 512;

    internal const ushort DnssecOkFlag = 0x8000;

    private readonly DnsResourceRecord _record;

    internal DnsEdns(DnsResourceRecord record) => _record = record;

    /// <summary>Longest UDP message the sender can receive, in bytes; less than 512 counts as 512 (RFC 6891 §6.2.3).</summary>
    public int UdpPayloadBytes => Math.Max((int)_record.Class, MinUdpPayloadBytes);

    /// <summary>EDNS version; 0 is the only one there is.</summary>
    public int Version => (int)(_record.RawTtl >> 16) & 0xFF;

    /// <summary>DO: the sender wants DNSSEC records (RFC 3225).</summary>
    public bool DnssecOk => (_record.RawTtl & DnssecOkFlag) != 0;

    /// <summary>The options in order.</summary>
    public DnsOptions Options => new(_record.Data);

    internal int ExtendedResponseCodeBits => (int)(_record.RawTtl >> 24);
}

/// <summary>The options of an OPT record; its own enumerator, so copy it to start over.</summary>
public ref struct DnsOptions
{
    private SpanReader _reader;
    private ushort _code;
    private ReadOnlySpan<byte> _value;

    internal DnsOptions(ReadOnlySpan<byte> bytes)
    {
        _reader = new SpanReader(bytes);
        _code = 0;
        _value = default;
    }

    /// <summary>The option at hand; only after <see cref="MoveNext"/> gave true.</summary>
    public readonly DnsOption Current => new(_code, _value);

    /// <summary>Goes to the next option.</summary>
    public bool MoveNext() =>
        _reader.TryReadUInt16(out _code) && _reader.TryReadUInt16(out var length) && _reader.TryRead(length, out _value);

    /// <summary>A fresh enumerator.</summary>
    public readonly DnsOptions GetEnumerator() => this;
}
