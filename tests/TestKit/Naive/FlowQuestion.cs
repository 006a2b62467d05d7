using PolicyProxy.Policy.Identities;

namespace PolicyProxy.TestKit.Naive;

/// <summary>One flow and at most one application request on it; what a verdict vector asks.</summary>
internal sealed record FlowQuestion
{
    /// <summary>Seen from <see cref="Subject"/>.</summary>
    public required TrafficDirection Direction { get; init; }

    /// <summary>The endpoint whose policy is asked about.</summary>
    public required FlowParty Subject { get; init; }

    public required FlowParty Peer { get; init; }

    public required TransportProtocol Protocol { get; init; }

    /// <summary>Destination port, or the ICMP type.</summary>
    public required ushort Port { get; init; }

    public HttpQuestion? Http { get; init; }

    /// <summary>Name of a DNS query; "" is the root.</summary>
    public string? DnsName { get; init; }

    /// <summary>Query type, looked at by extension rules only.</summary>
    public string DnsType { get; init; } = "A";

    /// <summary>TLS server name; "" is a handshake without one.</summary>
    public string? ServerName { get; init; }

    public KafkaQuestion? Kafka { get; init; }
}

/// <summary>An HTTP request. <paramref name="Path"/> is the request-target with its query; <paramref name="Host"/> is "" when absent.</summary>
internal sealed record HttpQuestion(string Method, string Path, string Host, IReadOnlyList<HeaderLine> Headers);

/// <summary>One header field line.</summary>
internal readonly record struct HeaderLine(string Name, string Value);

/// <summary>A Kafka request. <paramref name="Topics"/> are those on the wire, whether policy reads them or not; of JoinGroup, those subscribed to.</summary>
internal sealed record KafkaQuestion(short ApiKey, short ApiVersion, string? ClientId, IReadOnlyList<string> Topics)
{
    /// <summary>The encoded request without its 4-byte length; null = whoever needs it encodes the other members.</summary>
    public ReadOnlyMemory<byte>? Frame { get; init; }

    /// <summary>Consumer group, looked at by extension rules only.</summary>
    public string? GroupId { get; init; }

    /// <summary>Looked at by extension rules only.</summary>
    public string? TransactionalId { get; init; }
}
