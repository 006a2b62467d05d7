namespace PolicyProxy.Flows;

/// <summary>The L7 part of a flow: one of <see cref="HttpRecord"/>, <see cref="DnsRecord"/>, <see cref="KafkaRecord"/>, <see cref="TlsRecord"/>.</summary>
/// <param name="IsResponse">False for a request.</param>
/// <param name="Latency">Time from request to response; zero on requests.</param>
public abstract record L7Record(bool IsResponse, TimeSpan Latency);

/// <summary>An HTTP request or response. Header values are never kept.</summary>
/// <param name="IsResponse">False for a request.</param>
/// <param name="Latency">Time from request to response; zero on requests.</param>
/// <param name="Code">Status code; 0 on requests.</param>
/// <param name="Method">Method token.</param>
/// <param name="Url">Absolute URL: <c>scheme://authority/path?query</c>.</param>
/// <param name="Protocol"><c>HTTP/1.1</c>, <c>HTTP/2</c>.</param>
public sealed record HttpRecord(bool IsResponse, TimeSpan Latency, int Code, string Method, string Url, string Protocol)
    : L7Record(IsResponse, Latency);

/// <summary>A DNS query or answer.</summary>
/// <param name="IsResponse">False for a query.</param>
/// <param name="Latency">Time from query to answer; zero on queries.</param>
/// <param name="Query">Fully qualified name with its final dot.</param>
/// <param name="QueryType">Query type mnemonic such as <c>A</c>.</param>
public sealed record DnsRecord(bool IsResponse, TimeSpan Latency, string Query, string QueryType)
    : L7Record(IsResponse, Latency)
{
    /// <summary>Addresses of the answer.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>CNAMEs of the answer.</summary>
    public IReadOnlyList<string> Cnames { get; init; } = [];

    /// <summary>Smallest TTL of the answer, seconds.</summary>
    public uint Ttl { get; init; }

    /// <summary>Response code number (RFC 1035 §4.1.1).</summary>
    public int ResponseCode { get; init; }
}

/// <summary>A Kafka request, one record per topic as Cilium's access log has it.</summary>
/// <param name="IsResponse">False for a request.</param>
/// <param name="Latency">Time from request to response; zero on requests.</param>
/// <param name="ApiKey">Lower-case api key name such as <c>produce</c>.</param>
/// <param name="ApiVersion">Version of the request.</param>
/// <param name="CorrelationId">Correlation id of the request.</param>
/// <param name="Topic">Topic; empty for requests without topics.</param>
/// <param name="ErrorCode">0, or the Kafka error code answered.</param>
public sealed record KafkaRecord(bool IsResponse, TimeSpan Latency, string ApiKey, int ApiVersion, int CorrelationId, string Topic, int ErrorCode)
    : L7Record(IsResponse, Latency);

/// <summary>A TLS handshake judged by its server name.</summary>
/// <param name="ServerName">Server name; empty when the handshake carried none.</param>
public sealed record TlsRecord(string ServerName) : L7Record(false, TimeSpan.Zero);
