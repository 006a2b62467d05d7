namespace PolicyProxy.Protocols.Kafka;

/// <summary>Bounds on what a Kafka peer may send. Immutable; share one instance.</summary>
public sealed record KafkaLimits
{
    /// <summary>The defaults.</summary>
    public static KafkaLimits Default { get; } = new();

    /// <summary>
    /// Longest request frame, in bytes, without its 4-byte length. Default 104,857,600, the broker's <c>socket.request.max.bytes</c>.
    /// </summary>
    public int MaxFrameBytes { get; init; } = 104_857_600;

    /// <summary>Longest client id, in bytes. Default 1,024: the wire allows 32,767, but client ids end up in logs and metrics.</summary>
    public int MaxClientIdBytes { get; init; } = 1_024;

    /// <summary>Which bodies are walked. Default the six requests whose topics policy judges (semantics 7.2).</summary>
    public KafkaBodyScope Bodies { get; init; }
}

/// <summary>Which request bodies <see cref="KafkaRequest.TryParse"/> walks.</summary>
public enum KafkaBodyScope
{
    /// <summary>Produce, Fetch, ListOffsets, Metadata, OffsetCommit and OffsetFetch. The bodies of other requests are not looked at.</summary>
    CiliumEra = 0,

    /// <summary>Every request whose layout is known. A malformed body of any of them is an error.</summary>
    EveryKnownRequest = 1,
}
