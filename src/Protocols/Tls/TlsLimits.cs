namespace PolicyProxy.Protocols.Tls;

/// <summary>Bounds on what a TLS client may send as its first message. Immutable; share one instance. 0 and negative numbers refuse everything they bound.</summary>
public sealed record TlsLimits
{
    /// <summary>The defaults.</summary>
    public static TlsLimits Default { get; } = new();

    /// <summary>
    /// Longest ClientHello, in bytes, without its 4-byte header. Default 16,384, BoringSSL's bound and so that of Envoy's TLS inspector;
    /// clients with post-quantum keys send about 1,800.
    /// </summary>
    public int MaxHelloBytes { get; init; } = 16_384;

    /// <summary>
    /// Longest ClientHello on the wire, in bytes, with the 5-byte header of each of its records. Default 32,768: one of 517 bytes, what most
    /// clients send, takes 3,126 if each byte comes in a record of its own.
    /// </summary>
    public int MaxFlightBytes { get; init; } = 32_768;

    /// <summary>Most extensions of a ClientHello. Default 64: browsers send about 20, and there are some 60 that are registered with IANA.</summary>
    public int MaxExtensions { get; init; } = 64;

    /// <summary>Scratch bytes with which <see cref="TlsClientHello.TryParse"/> never runs short: the longest ClientHello with its header.</summary>
    public int MaxScratchBytes => Math.Max(MaxHelloBytes, 0) + TlsHelloScanner.MessageHeaderBytes;
}
