using System.Collections.Frozen;
using System.Globalization;

namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// Names and numbers of DNS query types (IANA DNS parameters, RR TYPEs). Types without a name here are written <c>TYPE</c>n (RFC 3597 §5).
/// Static and thread-safe.
/// </summary>
public static class DnsQueryType
{
    /// <summary>IPv4 address.</summary>
    public const ushort A = 1;

    /// <summary>Name server.</summary>
    public const ushort Ns = 2;

    /// <summary>Alias.</summary>
    public const ushort CName = 5;

    /// <summary>Start of a zone; in denials.</summary>
    public const ushort Soa = 6;

    /// <summary>Name of an address.</summary>
    public const ushort Ptr = 12;

    /// <summary>Mail server.</summary>
    public const ushort Mx = 15;

    /// <summary>Text; the usual carrier of DNS tunnels beside NULL.</summary>
    public const ushort Txt = 16;

    /// <summary>IPv6 address.</summary>
    public const ushort Aaaa = 28;

    /// <summary>Service location.</summary>
    public const ushort Srv = 33;

    /// <summary>Alias of a whole subtree (RFC 6672).</summary>
    public const ushort DName = 39;

    /// <summary>About the message, not about a name: EDNS (RFC 6891).</summary>
    public const ushort Opt = 41;

    /// <summary>Service binding (RFC 9460).</summary>
    public const ushort Svcb = 64;

    /// <summary>Service binding for HTTPS, which can carry addresses and ECH keys (RFC 9460).</summary>
    public const ushort Https = 65;

    /// <summary>Rules that make names of names (RFC 3403).</summary>
    internal const ushort Naptr = 35;

    /// <summary>Signature; over a whole message if it covers type 0 (RFC 2931).</summary>
    internal const ushort Sig = 24;

    /// <summary>Signature with a shared secret (RFC 8945).</summary>
    internal const ushort Tsig = 250;

    /// <summary>Any type.</summary>
    public const ushort Any = 255;

    /// <summary>The class of the Internet.</summary>
    internal const ushort ClassIn = 1;

    private static readonly FrozenDictionary<ushort, string> Names = new Dictionary<ushort, string>
    {
        [1] = "A", [2] = "NS", [5] = "CNAME", [6] = "SOA", [10] = "NULL", [12] = "PTR", [13] = "HINFO", [15] = "MX", [16] = "TXT",
        [17] = "RP", [18] = "AFSDB", [24] = "SIG", [25] = "KEY", [28] = "AAAA", [29] = "LOC", [33] = "SRV", [35] = "NAPTR", [36] = "KX",
        [37] = "CERT", [39] = "DNAME", [41] = "OPT", [42] = "APL", [43] = "DS", [44] = "SSHFP", [45] = "IPSECKEY", [46] = "RRSIG",
        [47] = "NSEC", [48] = "DNSKEY", [49] = "DHCID", [50] = "NSEC3", [51] = "NSEC3PARAM", [52] = "TLSA", [53] = "SMIMEA", [55] = "HIP",
        [59] = "CDS", [60] = "CDNSKEY", [61] = "OPENPGPKEY", [62] = "CSYNC", [63] = "ZONEMD", [64] = "SVCB", [65] = "HTTPS", [99] = "SPF",
        [108] = "EUI48", [109] = "EUI64", [249] = "TKEY", [250] = "TSIG", [251] = "IXFR", [252] = "AXFR", [255] = "ANY", [256] = "URI",
        [257] = "CAA", [32768] = "TA", [32769] = "DLV",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ushort> Numbers =
        Names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds the number of a type name.</summary>
    /// <param name="name">Such as <c>AAAA</c> or <c>TYPE65</c>; case does not matter.</param>
    /// <param name="number">The type number; 0, which is reserved, on failure.</param>
    public static bool TryParse(ReadOnlySpan<char> name, out ushort number)
    {
        if (Numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out number))
        {
            return true;
        }

        number = 0;
        return name.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase)
            && ushort.TryParse(name[4..], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The name of a type: <c>A</c>, <c>AAAA</c>, or <c>TYPE</c>n for one without a name. Allocates only for the latter.</summary>
    /// <param name="number">Type number.</param>
    public static string NameOf(ushort number) =>
        Names.TryGetValue(number, out var name) ? name : string.Create(CultureInfo.InvariantCulture, $"TYPE{number}");
}
