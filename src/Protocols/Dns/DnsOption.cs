namespace PolicyProxy.Protocols.Dns;

/// <summary>One EDNS option (RFC 6891 §6.1.2).</summary>
public readonly ref struct DnsOption
{
    /// <summary>Client subnet (RFC 7871).</summary>
    public const ushort ClientSubnet = 8;

    /// <summary>Cookie (RFC 7873).</summary>
    public const ushort Cookie = 10;

    /// <summary>Padding (RFC 7830).</summary>
    public const ushort Padding = 12;

    /// <summary>Extended error (RFC 8914).</summary>
    public const ushort ExtendedError = 15;

    internal DnsOption(ushort code, ReadOnlySpan<byte> value)
    {
        Code = code;
        Value = value;
    }

    /// <summary>Option code.</summary>
    public ushort Code { get; }

    /// <summary>Value as sent.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Reads a client subnet.</summary>
    /// <param name="subnet">The subnet; default on failure.</param>
    /// <returns>False if the option is another one or breaks RFC 7871 §6: family, prefix length, address longer or shorter than the prefix.</returns>
    public bool TryReadClientSubnet(out DnsClientSubnet subnet)
    {
        subnet = default;
        var reader = new SpanReader(Value);
        if (Code != ClientSubnet || !reader.TryReadUInt16(out var family) || !reader.TryReadByte(out var source) || !reader.TryReadByte(out var scope))
        {
            return false;
        }

        var bits = family switch { 1 => 32, 2 => 128, _ => 0 };
        if (source > bits || scope > bits || reader.Remaining != (source + 7) / 8)
        {
            return false;
        }

        subnet = new DnsClientSubnet { IsIPv6 = family == 2, SourcePrefixLength = source, ScopePrefixLength = scope, Address = reader.Rest };
        return true;
    }

    /// <summary>Reads an extended error.</summary>
    /// <param name="infoCode">The reason (RFC 8914 §4); 0 on failure.</param>
    /// <param name="text">UTF-8 by agreement and not checked; empty on failure.</param>
    /// <returns>False if the option is another one or too short.</returns>
    public bool TryReadExtendedError(out int infoCode, out ReadOnlySpan<byte> text)
    {
        var reader = new SpanReader(Value);
        if (Code == ExtendedError && reader.TryReadUInt16(out var code))
        {
            infoCode = code;
            text = reader.Rest;
            return true;
        }

        infoCode = 0;
        text = default;
        return false;
    }
}

/// <summary>For whose network an answer is asked or given (RFC 7871 §6).</summary>
public readonly ref struct DnsClientSubnet
{
    /// <summary>True for IPv6.</summary>
    public required bool IsIPv6 { get; init; }

    /// <summary>Bits of the network that were asked for.</summary>
    public required int SourcePrefixLength { get; init; }

    /// <summary>Bits of the network that the answer holds for; 0 in a query.</summary>
    public required int ScopePrefixLength { get; init; }

    /// <summary>The first bytes of the address, as many as the source prefix needs.</summary>
    public required ReadOnlySpan<byte> Address { get; init; }
}
