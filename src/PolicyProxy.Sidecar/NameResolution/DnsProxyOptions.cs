using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Bounds of the DNS proxy. Immutable.</summary>
internal sealed record DnsProxyOptions
{
    /// <summary>
    /// Longest wait for a resolver. Default 4 seconds: just below the 5 seconds after which the C library asks again, so that clients learn of it.
    /// </summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Queries that wait for an answer at a time. Default 16,384; beyond it new ones are answered SERVFAIL. Precedent: dnsdist's
    /// <c>setMaxUDPOutstanding</c>, 65,535.
    /// </summary>
    public int MaxPending { get; init; } = 16_384;

    /// <summary>
    /// Sockets, and so source ports, used at a time for one resolver. Default 16; which one the next queries take is drawn at random. An off-path sender has
    /// to guess port, id and the question's case (RFC 5452).
    /// </summary>
    public int SourcePorts { get; init; } = 16;

    /// <summary>Queries after which a source port is given up for another. Default 1,024.</summary>
    public int QueriesPerPort { get; init; } = 1_024;

    /// <summary>Age at which a source port is given up for another. Default 60 seconds.</summary>
    public TimeSpan PortAge { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Datagrams received and sent in one call. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Size of the kernel's buffers, in bytes. Default 4,194,304: a burst of some 10,000 queries. What the machine allows, if that is less.</summary>
    public int SocketBufferBytes { get; init; } = 4_194_304;

    /// <summary>Longest silence of a TCP client. Default 10 seconds, "on the order of a few seconds" by RFC 7766 §6.2.3.</summary>
    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long TCP clients may still ask once the proxy stops. Default 1 second: enough for one that has just connected. Who has asked and waits for
    /// nothing is closed at once.
    /// </summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Queries of one TCP client that wait for an answer; more are not read before. Default 128.</summary>
    public int MaxPendingPerStream { get; init; } = 128;

    /// <summary>TCP clients at a time; more are refused. Default 1,024. Precedent: unbound's <c>incoming-num-tcp</c>, 10, for one thread, is known to be too few.</summary>
    public int MaxStreams { get; init; } = 1_024;

    /// <summary>
    /// Resolvers that a workload may ask by datagram at the same time, if the kernel redirects; queries to more are refused by the kernel. Default 32: resolv.conf names three.
    /// When less than a quarter is free, those not asked for <see cref="SlotIdle"/> make room, the longest unasked first.
    /// </summary>
    public int Slots { get; init; } = 32;

    /// <summary>How long a resolver that has a slot is not asked before it may lose it. Default 10 seconds; at least twice <see cref="QueryTimeout"/>.</summary>
    public TimeSpan SlotIdle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bounds on the messages.</summary>
    public DnsLimits Messages { get; init; } = DnsLimits.Default;

    /// <summary>True takes the keys for Encrypted Client Hello out of answers, so that clients show the server names policy judges.</summary>
    public bool StripsEch { get; init; }
}
