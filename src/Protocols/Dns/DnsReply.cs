namespace PolicyProxy.Protocols.Dns;

/// <summary>A response without records that a proxy makes itself.</summary>
public readonly ref struct DnsReply
{
    /// <summary>The response code. One above 15 goes out in full only to a client with EDNS, to others as SERVFAIL.</summary>
    public required DnsResponseCode ResponseCode { get; init; }

    /// <summary>TC: tells the client to ask again over TCP.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>RA: true if queries that are allowed are answered with recursion.</summary>
    public bool RecursionAvailable { get; init; }

    /// <summary>Why (RFC 8914 §4), for clients with EDNS; see <see cref="DnsExtendedErrorCode"/>. Null for no reason.</summary>
    public int? ExtendedError { get; init; }

    /// <summary>UTF-8 text beside the reason; cut to <see cref="DnsReplyWriter.MaxTextBytes"/>.</summary>
    public ReadOnlySpan<byte> Text { get; init; }
}

/// <summary>Reasons a proxy gives (RFC 8914 §4, IANA DNS parameters, extended DNS error codes).</summary>
public static class DnsExtendedErrorCode
{
    /// <summary>Blocked by the operator of the server.</summary>
    public const int Blocked = 15;

    /// <summary>Filtered at the request of the client.</summary>
    public const int Filtered = 17;

    /// <summary>The client is not authorized.</summary>
    public const int Prohibited = 18;

    /// <summary>No authority could be reached.</summary>
    public const int NoReachableAuthority = 22;

    /// <summary>An error between this server and another.</summary>
    public const int NetworkError = 23;
}
