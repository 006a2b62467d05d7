using System.Buffers.Binary;

namespace PolicyProxy.Protocols.Dns;

/// <summary>The data of an MX record (RFC 1035 §3.3.9), a view.</summary>
/// <param name="record">A record of type MX out of a message that was read.</param>
public readonly ref struct DnsMailExchange(DnsResourceRecord record)
{
    private readonly DnsResourceRecord _record = record;

    /// <summary>Rank, lowest first.</summary>
    public int Preference => DnsFields.UInt16(_record.Data, 0);

    /// <summary>The mail server.</summary>
    public DnsWireName Exchange => _record.Target;
}

/// <summary>The data of an SRV record (RFC 2782), a view.</summary>
/// <param name="record">A record of type SRV out of a message that was read.</param>
public readonly ref struct DnsServiceLocation(DnsResourceRecord record)
{
    private readonly DnsResourceRecord _record = record;

    /// <summary>Rank, lowest first.</summary>
    public int Priority => DnsFields.UInt16(_record.Data, 0);

    /// <summary>Share among those of the same priority.</summary>
    public int Weight => DnsFields.UInt16(_record.Data, 2);

    /// <summary>Port of the service.</summary>
    public int Port => DnsFields.UInt16(_record.Data, 4);

    /// <summary>Where the service is; the root means that there is none.</summary>
    public DnsWireName Target => _record.Target;
}

/// <summary>The data of an SOA record (RFC 1035 §3.3.13), a view.</summary>
/// <param name="record">A record of type SOA out of a message that was read.</param>
public readonly ref struct DnsZoneStart(DnsResourceRecord record)
{
    private readonly DnsResourceRecord _record = record;

    /// <summary>The primary server of the zone.</summary>
    public DnsWireName PrimaryServer => _record.Target;

    /// <summary>The mailbox of who is responsible, with a dot for the at sign.</summary>
    public DnsWireName Mailbox
    {
        get
        {
            var reader = new SpanReader(_record.Message);
            _ = reader.TrySkip(_record.DataOffset);
            _ = DnsWireName.TryRead(_record.Message, ref reader, out _, out _);
            _ = DnsWireName.TryRead(_record.Message, ref reader, out var mailbox, out _);
            return mailbox;
        }
    }

    /// <summary>Version of the zone.</summary>
    public uint Serial => DnsFields.UInt32FromEnd(_record.Data, 20);

    /// <summary>Seconds a denial may be kept, together with the TTL of the record (RFC 2308 §5).</summary>
    public uint Minimum => DnsFields.UInt32FromEnd(_record.Data, 4);
}

/// <summary>The strings of a TXT record (RFC 1035 §3.3.14); its own enumerator, so copy it to start over.</summary>
/// <param name="record">A record of type TXT out of a message that was read.</param>
public ref struct DnsTexts(DnsResourceRecord record)
{
    private SpanReader _reader = new(record.Data);
    private ReadOnlySpan<byte> _current;

    /// <summary>The string at hand, without its length byte; any bytes.</summary>
    public readonly ReadOnlySpan<byte> Current => _current;

    /// <summary>Goes to the next string.</summary>
    public bool MoveNext() => _reader.TryReadByte(out var length) && _reader.TryRead(length, out _current);

    /// <summary>A fresh enumerator.</summary>
    public readonly DnsTexts GetEnumerator() => this;
}

/// <summary>Fields of fixed place in checked data; 0 where there is none.</summary>
internal static class DnsFields
{
    public static int UInt16(ReadOnlySpan<byte> data, int offset) =>
        offset <= data.Length && BinaryPrimitives.TryReadUInt16BigEndian(data[offset..], out var value) ? value : 0;

    public static uint UInt32FromEnd(ReadOnlySpan<byte> data, int bytes) =>
        bytes <= data.Length && BinaryPrimitives.TryReadUInt32BigEndian(data[^bytes..], out var value) ? value : 0;
}
