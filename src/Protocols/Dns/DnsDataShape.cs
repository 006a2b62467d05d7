namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// Where the names in the data of a type stand: bytes, then names, then bytes. Old types may be compressed (RFC 3597 §4), newer ones never
/// are. Types that are not listed hold no names that a pointer could be in.
/// </summary>
/// <param name="BytesBefore">Bytes in front of the first name.</param>
/// <param name="Names">How many names; 0 for a type that is not listed.</param>
/// <param name="BytesAfter">Bytes behind the last name; -1 for any number.</param>
/// <param name="MayCompress">True if the names may hold pointers.</param>
internal readonly record struct DnsDataShape(int BytesBefore, int Names, int BytesAfter, bool MayCompress)
{
    private const int Any = -1;

    /// <summary>The shape of a type. NAPTR is not here: strings of any length stand in front of its name.</summary>
    public static DnsDataShape Of(ushort type) => type switch
    {
        DnsQueryType.Ns or 3 or 4 or DnsQueryType.CName or 7 or 8 or 9 or DnsQueryType.Ptr or DnsQueryType.DName => new(0, 1, 0, true),
        DnsQueryType.Soa => new(0, 2, 20, true),
        14 or 17 => new(0, 2, 0, true), // MINFO, RP
        DnsQueryType.Mx or 18 or 21 or 36 => new(2, 1, 0, true), // AFSDB, RT, KX
        24 => new(18, 1, Any, true), // SIG
        26 => new(2, 2, 0, true), // PX
        30 => new(0, 1, Any, true), // NXT
        DnsQueryType.Srv => new(6, 1, 0, true),
        46 => new(18, 1, Any, false), // RRSIG (RFC 4034 §3.1.7)
        47 => new(0, 1, Any, false), // NSEC (RFC 4034 §4.1.1)
        DnsQueryType.Svcb or DnsQueryType.Https => new(2, 1, Any, false), // RFC 9460 §2.2
        _ => default,
    };
}
