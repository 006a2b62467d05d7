using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>What kind of request a question is about.</summary>
internal enum AskedKind
{
    /// <summary>Only the connection.</summary>
    Connection,

    /// <summary>An HTTP or gRPC request.</summary>
    Http,

    /// <summary>A DNS query.</summary>
    Dns,

    /// <summary>A TLS handshake.</summary>
    Tls,

    /// <summary>A Kafka request.</summary>
    Kafka,
}

/// <summary>A request as typed on the command line. Immutable.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it is repeated in the answer.</param>
internal sealed record AskedRequest(AskedKind Kind, string Text)
{
    public TransportProtocol Protocol { get; init; } = TransportProtocol.Tcp;

    /// <summary>Port the request says or implies; null when only <c>--port</c> can say.</summary>
    public ushort? Port { get; init; }

    /// <summary>Host of a URL; the peer of egress when <c>--to</c> is not given.</summary>
    public string? Host { get; init; }

    /// <summary>The HTTP request.</summary>
    public TextHttpRequest? Http { get; init; }

    /// <summary>The Kafka request.</summary>
    public AskedKafka? Kafka { get; init; }

    /// <summary>What clients send around it.</summary>
    public IReadOnlyList<AskedKafka> KafkaOthers { get; init; } = [];

    /// <summary>DNS name or TLS server name; empty = none sent.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>DNS query type number.</summary>
    public ushort QueryType { get; init; }
}
