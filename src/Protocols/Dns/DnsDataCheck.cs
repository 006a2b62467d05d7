namespace PolicyProxy.Protocols.Dns;

/// <summary>Checks the data of a record against its type: every length, every name.</summary>
internal static class DnsDataCheck
{
    private const ushort HInfo = 13;
    private const ushort Spf = 99;

    /// <summary>None, DnsData, DnsServiceParameter, or what <see cref="DnsWireName"/> gives.</summary>
    public static ProtocolErrorCode Check(scoped in DnsResourceRecord record) => record.Type switch
    {
        DnsQueryType.A when record.Class == DnsQueryType.ClassIn => Length(record, 4),
        DnsQueryType.Aaaa when record.Class == DnsQueryType.ClassIn => Length(record, 16),
        DnsQueryType.Txt or Spf => Strings(record, atLeast: 1, exactly: false),
        HInfo => Strings(record, atLeast: 2, exactly: true),
        DnsQueryType.Naptr => NaptrData(record),
        DnsQueryType.Opt => Options(record),
        DnsQueryType.Svcb or DnsQueryType.Https => Named(record) is var code and not ProtocolErrorCode.None
            ? code
            : DnsServiceParameters.Check(new DnsServiceBinding(record).ParameterBytes),
        _ => Named(record),
    };

    private static ProtocolErrorCode Length(scoped in DnsResourceRecord record, int bytes) =>
        record.Data.Length == bytes ? ProtocolErrorCode.None : ProtocolErrorCode.DnsData;

    private static ProtocolErrorCode Named(scoped in DnsResourceRecord record)
    {
        var shape = DnsDataShape.Of(record.Type);
        if (shape.Names == 0)
        {
            return ProtocolErrorCode.None;
        }

        var reader = DataReader(record);
        if (shape.BytesBefore > record.Data.Length)
        {
            return ProtocolErrorCode.DnsData;
        }

        _ = reader.TrySkip(shape.BytesBefore);
        return Names(record, shape, ref reader);
    }

    // The reader ends with the data, so that a name cannot run on into the next record
    private static ProtocolErrorCode Names(scoped in DnsResourceRecord record, DnsDataShape shape, scoped ref SpanReader reader)
    {
        for (var i = 0; i < shape.Names; i++)
        {
            var code = DnsWireName.TryRead(record.Message, ref reader, out _, out var isCompressed);
            if (code != ProtocolErrorCode.None)
            {
                return code == ProtocolErrorCode.Truncated ? ProtocolErrorCode.DnsData : code;
            }

            if (isCompressed && !shape.MayCompress)
            {
                return ProtocolErrorCode.DnsPointer;
            }
        }

        return shape.BytesAfter < 0 || reader.Remaining == shape.BytesAfter ? ProtocolErrorCode.None : ProtocolErrorCode.DnsData;
    }

    /// <summary>Bytes in front of the name of a NAPTR record: two numbers and three strings (RFC 3403 §4.1); -1 if they do not fit.</summary>
    public static int NaptrBytesBefore(ReadOnlySpan<byte> data)
    {
        var reader = new SpanReader(data);
        var isRead = reader.TrySkip(4);
        for (var i = 0; i < 3; i++)
        {
            isRead = isRead && reader.TryReadByte(out var length) && reader.TrySkip(length);
        }

        return isRead ? reader.Position : -1;
    }

    private static ProtocolErrorCode NaptrData(scoped in DnsResourceRecord record)
    {
        var before = NaptrBytesBefore(record.Data);
        if (before < 0)
        {
            return ProtocolErrorCode.DnsData;
        }

        var reader = DataReader(record);
        _ = reader.TrySkip(before);
        return Names(record, new(before, 1, 0, true), ref reader);
    }

    private static ProtocolErrorCode Strings(scoped in DnsResourceRecord record, int atLeast, bool exactly)
    {
        var reader = new SpanReader(record.Data);
        var strings = 0;
        while (reader.Remaining > 0)
        {
            if (!reader.TryReadByte(out var length) || !reader.TrySkip(length))
            {
                return ProtocolErrorCode.DnsData;
            }

            strings++;
        }

        return strings == atLeast || (strings > atLeast && !exactly) ? ProtocolErrorCode.None : ProtocolErrorCode.DnsData;
    }

    private static ProtocolErrorCode Options(scoped in DnsResourceRecord record)
    {
        var reader = new SpanReader(record.Data);
        while (reader.Remaining > 0)
        {
            if (!reader.TryReadUInt16(out _) || !reader.TryReadUInt16(out var length) || !reader.TrySkip(length))
            {
                return ProtocolErrorCode.DnsEdns;
            }
        }

        return record.Name.IsRoot ? ProtocolErrorCode.None : ProtocolErrorCode.DnsEdns;
    }

    private static SpanReader DataReader(DnsResourceRecord record)
    {
        var reader = new SpanReader(record.Message[..(record.DataOffset + record.Data.Length)]);
        _ = reader.TrySkip(record.DataOffset);
        return reader;
    }
}
