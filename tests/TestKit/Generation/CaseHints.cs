using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Generation;

/// <summary>Requests that the rules of a case were made for. Flows start from these, so that many match and many nearly match.</summary>
internal sealed class CaseHints
{
    public List<HttpQuestion> Http { get; } = [];

    public List<string> DnsNames { get; } = [.. GeneratedWorld.DnsNames];

    public List<string> ServerNames { get; } = [.. GeneratedWorld.DnsNames];

    public List<KafkaQuestion> Kafka { get; } = [];

    /// <summary>Where the request rules of the case stand.</summary>
    public List<RequestTarget> Targets { get; } = [];

    public List<int> Ports { get; } = [53, 80, 443, 8080, 9092];
}

/// <summary>A place with request rules.</summary>
/// <param name="Kind">What is asked there.</param>
internal readonly record struct RequestTarget(bool IsEgress, int Port, RequestKind Kind);

/// <summary>The kinds of requests that flows carry.</summary>
internal enum RequestKind
{
    Http,
    Dns,
    ServerName,
    Kafka,
}
