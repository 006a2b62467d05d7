namespace PolicyProxy.TestKit.Judges;

/// <summary>Query types by name (RFC 1035 §3.2.2 and later).</summary>
internal static class DnsTypes
{
    public static ushort Number(string name) => name switch
    {
        "A" => 1,
        "NS" => 2,
        "CNAME" => 5,
        "PTR" => 12,
        "MX" => 15,
        "TXT" => 16,
        "AAAA" => 28,
        "SRV" => 33,
        "HTTPS" => 65,
        _ => throw new ArgumentException($"unknown query type {name}"),
    };
}
