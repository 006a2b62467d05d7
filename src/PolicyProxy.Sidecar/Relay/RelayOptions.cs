using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>Whose requests may follow each other on one connection to the upstream.</summary>
internal enum UpstreamReuse
{
    /// <summary>
    /// One client connection's. A response can only reach the client whose request opened the connection, whatever the upstream does.
    /// </summary>
    Client = 0,

    /// <summary>Any client's: fewer connections where clients come and go. Precedents: Envoy, nginx' <c>keepalive</c>, HAProxy's <c>http-reuse always</c>.</summary>
    Shared = 1,

    /// <summary>None: one connection for each request.</summary>
    Never = 2,
}

/// <summary>Bounds of the relay. Immutable.</summary>
internal sealed record RelayOptions
{
    /// <summary>Event loops, each a thread. Default: one for each core.</summary>
    public int Loops { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Size of a buffer, in bytes; a connection holds one in each direction while it has bytes in hand. Default 65,536: large bodies
    /// move in a quarter of the calls that HAProxy's <c>tune.bufsize</c> of 16,384 needs. Not below <see cref="HttpLimits.MaxHeadBytes"/>.
    /// </summary>
    public int BufferBytes { get; init; } = 65_536;

    /// <summary>
    /// Buffers of all connections together, in bytes. Default 268,435,456 (4,096 buffers); beyond it bytes wait in the kernel and new
    /// connections are refused. Precedent: Envoy's overload manager.
    /// </summary>
    public long MaxBufferedBytes { get; init; } = 268_435_456;

    /// <summary>
    /// Client connections at the same time; more are refused with a reset. Default 0: half of the process' file descriptors, less a
    /// reserve of 64, as HAProxy computes its <c>maxconn</c>.
    /// </summary>
    public int MaxConnections { get; init; }

    /// <summary>Connections that wait to be accepted. Default 4,096, as <c>net.core.somaxconn</c>.</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>
    /// Longest time from the first byte of a request's head to its last, and to the end of a TLS ClientHello from when it is waited for.
    /// Default 60 seconds, nginx' <c>client_header_timeout</c> and <c>preread_timeout</c> rounded up.
    /// </summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Longest silence of a client whose connection is admitted only for the name it shows. Default 5 seconds: clients of servers that speak first give
    /// up after 10 or more, and learn of the refusal before.
    /// </summary>
    public TimeSpan NameTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest silence of a client between requests, and before its first. Default 130 seconds, Kestrel's <c>KeepAliveTimeout</c>.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>Longest silence in both directions during a request. Default 300 seconds, the stream idle timeout of Cilium's listeners.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// Longest silence in both directions of an upgraded or passed-through connection. Default 8,000 seconds, Cilium's
    /// <c>bpf-ct-timeout-regular-tcp</c>: pools of database clients are idle for long.
    /// </summary>
    public TimeSpan TunnelTimeout { get; init; } = TimeSpan.FromSeconds(8_000);

    /// <summary>Longest wait for a connection to the upstream. Default 2 seconds, Cilium's <c>proxy-connect-timeout</c>.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Longest wait for the address of a destination that a client names. Default 10 seconds: the two attempts of 5 seconds the C library
    /// makes by default.
    /// </summary>
    public TimeSpan ResolveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connection to the upstream is kept between requests. Default 4 seconds: less than the 5 seconds after which Node.js, the
    /// most impatient of the common servers, closes it, so that a request does not meet a closing connection.
    /// </summary>
    public TimeSpan UpstreamIdleTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// How long a connection may still send its first request once the relay stops. Default 1 second: enough for a client that was
    /// accepted in that moment, short beside any drain limit.
    /// </summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait for a client to close after a last response. Default 5 seconds, nginx' <c>lingering_timeout</c>.</summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Body of a denied request that is read and thrown away so that the connection stays usable, in bytes. Default 262,144, as Go's
    /// <c>net/http</c>; behind a longer one the connection is closed.
    /// </summary>
    public long MaxDiscardedBytes { get; init; } = 262_144;

    /// <summary>See <see cref="Relay.UpstreamReuse"/>. Default Client.</summary>
    public UpstreamReuse Reuse { get; init; }

    /// <summary>
    /// True lets requests switch to WebSocket (RFC 6455). Default true. Other protocols never: of h2c, for example, no HTTP/1.1 rule could
    /// judge the requests. A wish for one is taken out and the request goes on without it.
    /// </summary>
    public bool AllowsWebSocket { get; init; } = true;

    /// <summary>True relays connections as bytes when policy asks for no layer 7 inspection of them. Default true, as in Cilium.</summary>
    public bool PassThrough { get; init; } = true;

    /// <summary>Bounds on the messages.</summary>
    public HttpLimits Http { get; init; } = HttpLimits.Default;

    /// <summary>Bounds on the first message of TLS clients.</summary>
    public TlsLimits Tls { get; init; } = TlsLimits.Default;
}
