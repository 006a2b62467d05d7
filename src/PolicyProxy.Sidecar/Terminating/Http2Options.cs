namespace PolicyProxy.Sidecar.Terminating;

/// <summary>Bounds of HTTP/2 connections, both what a client may send and what is kept in memory for it. Immutable.</summary>
internal sealed record Http2Options
{
    /// <summary>
    /// Streams at the same time on one connection; more are reset. Default 100, the least RFC 9113 §6.5.2 recommends, Envoy's and Kestrel's. Streams that
    /// a client resets count until their upstream request is over (CVE-2023-44487): twice as many in all are put up with before it is told to calm down.
    /// </summary>
    public int MaxStreams { get; init; } = 100;

    /// <summary>Memory of the header compression of one connection in each direction, in bytes. Default 4,096, HTTP/2's own.</summary>
    public int HeaderTableBytes { get; init; } = 4_096;

    /// <summary>Largest frame taken, in bytes. Default 16,384, HTTP/2's own, which Envoy and nginx leave as it is.</summary>
    public int MaxFrameBytes { get; init; } = 16_384;

    /// <summary>Body of one stream that the upstream has not taken yet, in bytes: what is kept at most. Default 786,432, Kestrel's.</summary>
    public int StreamWindowBytes { get; init; } = 786_432;

    /// <summary>The same for all streams of a connection together. Default 1,048,576, Kestrel's and Envoy's for connections.</summary>
    public int ConnectionWindowBytes { get; init; } = 1_048_576;
}
