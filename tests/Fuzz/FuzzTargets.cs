using PolicyProxy.Fuzz.Dns;
using PolicyProxy.Fuzz.Http;
using PolicyProxy.Fuzz.Kafka;
using PolicyProxy.Fuzz.Tls;

namespace PolicyProxy.Fuzz;

/// <summary>Every target there is.</summary>
internal static class FuzzTargets
{
    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new Http1RequestTarget(),
        new Http1ResponseTarget(),
        new Http1BodyTarget(),
        new Http1StreamTarget(),
        new Http1EditTarget(),
        new UrlPathTarget(),
        new KafkaRequestTarget(),
        new KafkaStreamTarget(),
        new KafkaDenialTarget(),
        new KafkaResponseTarget(),
        new DnsNameTarget(),
        new DnsMessageTarget(),
        new TlsHelloTarget(),
    ];

    /// <summary>The target with this name; null if there is none.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
