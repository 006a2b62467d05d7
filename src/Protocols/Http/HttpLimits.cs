namespace PolicyProxy.Protocols.Http;

/// <summary>Bounds on what an HTTP peer may send. Immutable; share one instance. 0 and negative numbers refuse everything they bound.</summary>
public sealed record HttpLimits
{
    /// <summary>The defaults.</summary>
    public static HttpLimits Default { get; } = new();

    /// <summary>
    /// Longest head of a message, in bytes: start line, field lines and the empty line. Default 65,536; Envoy's
    /// <c>max_request_headers_kb</c> is 60 KiB, Kestrel's and nginx' totals are 32 KiB.
    /// </summary>
    public int MaxHeadBytes { get; init; } = 65_536;

    /// <summary>Most field lines in a head, and again in a trailer section. Default 100, as in Envoy and Kestrel.</summary>
    public int MaxHeaders { get; init; } = 100;

    /// <summary>Longest request-target, in bytes. Default 8,192: nginx' <c>large_client_header_buffers</c>, Kestrel's request line.</summary>
    public int MaxTargetBytes { get; init; } = 8_192;

    /// <summary>Longest method, in bytes. Default 32; the longest one registered with IANA has 17.</summary>
    public int MaxMethodBytes { get; init; } = 32;

    /// <summary>Longest authority, in bytes, port included. Default 260: a DNS name of 254 characters with its last dot, a colon, five digits.</summary>
    public int MaxAuthorityBytes { get; init; } = 260;

    /// <summary>
    /// Longest content of a message, in bytes, framing not counted. Default 9,223,372,036,854,775,807, no bound, as in Envoy: the
    /// body is not kept in memory.
    /// </summary>
    public long MaxBodyBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Largest chunk, in bytes. Default 2,147,483,647: no client sends more at once, and origins that keep 32 bits would read another
    /// size. At most eight hexadecimal digits are read whatever this says.
    /// </summary>
    public int MaxChunkBytes { get; init; } = int.MaxValue;

    /// <summary>
    /// Chunk extensions in one body, in bytes, all chunks together. Default 1,024; Go and Node.js stop at 16 KiB, but no known client
    /// sends any.
    /// </summary>
    public int MaxChunkExtensionBytes { get; init; } = 1_024;

    /// <summary>Longest trailer section, in bytes, its empty line not counted. Default 8,192, HAProxy's head buffer rounded down.</summary>
    public int MaxTrailerBytes { get; init; } = 8_192;

    /// <summary>Scratch characters with which <see cref="Http1Request.TryParse"/> never runs short: method, target and authority at their longest.</summary>
    public int MaxScratchChars => MaxMethodBytes + MaxTargetBytes + MaxAuthorityBytes;
}
