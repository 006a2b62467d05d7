using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns.Differential;

/// <summary>The data of a record put together again from what the views say.</summary>
internal static class UncompressedData
{
    public static string Hex(DnsResourceRecord record)
    {
        byte[] data = record.Type switch
        {
            DnsQueryType.CName or DnsQueryType.Ns or DnsQueryType.Ptr or DnsQueryType.DName => Name(record.Target),
            DnsQueryType.Mx => [.. UInt16(new DnsMailExchange(record).Preference), .. Name(new DnsMailExchange(record).Exchange)],
            DnsQueryType.Srv => Location(new DnsServiceLocation(record)),
            DnsQueryType.Soa => ZoneStart(new DnsZoneStart(record), record.Data),
            DnsQueryType.Https or DnsQueryType.Svcb => Binding(new DnsServiceBinding(record)),
            DnsQueryType.Txt => Texts(new DnsTexts(record)),
            _ when !record.Address.IsEmpty => record.Address.ToArray(),
            _ => record.Data.ToArray(),
        };
        return Convert.ToHexString(data);
    }

    private static byte[] Location(DnsServiceLocation location) =>
        [.. UInt16(location.Priority), .. UInt16(location.Weight), .. UInt16(location.Port), .. Name(location.Target)];

    private static byte[] ZoneStart(DnsZoneStart start, ReadOnlySpan<byte> data)
    {
        var numbers = data[^20..];
        Assert.Equal(start.Serial, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(numbers));
        Assert.Equal(start.Minimum, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(numbers[16..]));
        return [.. Name(start.PrimaryServer), .. Name(start.Mailbox), .. numbers];
    }

    private static byte[] Binding(DnsServiceBinding binding)
    {
        List<byte> data = [.. UInt16(binding.Priority), .. Name(binding.Target)];
        foreach (var parameter in binding.Parameters)
        {
            data.AddRange([.. UInt16(parameter.Key), .. UInt16(parameter.Value.Length), .. parameter.Value]);
        }

        return [.. data];
    }

    private static byte[] Texts(DnsTexts texts)
    {
        List<byte> data = [];
        foreach (var text in texts)
        {
            data.AddRange([(byte)text.Length, .. text]);
        }

        return [.. data];
    }

    private static byte[] Name(DnsWireName name)
    {
        var wire = new byte[DnsName.MaxWireBytes];
        Assert.True(name.TryCopyTo(wire, out var written));
        return wire[..written];
    }

    private static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];
}
