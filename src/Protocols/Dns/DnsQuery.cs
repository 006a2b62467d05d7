namespace PolicyProxy.Protocols.Dns;

/// <summary>The question of a DNS query as policy sees it (RFC 1035 §4.1.2).</summary>
public readonly ref struct DnsQuery
{
    /// <summary>Creates the view.</summary>
    /// <param name="name">Presentation-form name; case and a final dot do not matter; empty is the root.</param>
    /// <param name="type">Query type number (RFC 1035 §3.2.3); 1 = A.</param>
    public DnsQuery(ReadOnlySpan<char> name, ushort type)
    {
        Name = name;
        Type = type;
    }

    /// <summary>The name, as sent.</summary>
    public ReadOnlySpan<char> Name { get; }

    /// <summary>The query type number.</summary>
    public ushort Type { get; }
}
