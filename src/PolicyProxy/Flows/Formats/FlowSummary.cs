using System.Globalization;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Flows.Formats;

/// <summary>The summary text of a flow, in the wording Hubble's parsers give it; readers show it as it stands.</summary>
internal static class FlowSummary
{
    private static readonly string[] s_responseCodes =
    [
        "No Error", "Format Error", "Server Failure", "Non-Existent Domain", "Not Implemented", "Query Refused",
        "Name Exists when it should not", "RR Set Exists when it should not", "RR Set that should exist does not",
        "Server Not Authoritative for zone", "Name not contained in zone",
    ];

    /// <summary>The summary, URLs redacted; not yet safe for a terminal.</summary>
    public static string Of(FlowRecord flow, FlowRedaction redaction) => flow.L7 switch
    {
        null when flow.Type == FlowType.L7 => redaction.Text(flow.Note, null),
        null => OfConnection(flow.Protocol),
        HttpRecord http => Of(http, redaction.Url(http.Url)),
        DnsRecord dns => Of(dns),
        KafkaRecord kafka => Of(kafka),
        TlsRecord tls => $"tls Fields: map[sni:{tls.ServerName}]",
        _ => string.Empty,
    };

    private static string OfConnection(TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => "TCP Flags: SYN", // a connection is reported when it opens
        TransportProtocol.Udp => "UDP",
        TransportProtocol.Sctp => "SCTP",
        TransportProtocol.Icmp => "ICMPv4",
        TransportProtocol.IcmpV6 => "ICMPv6",
        _ => string.Empty,
    };

    private static string Of(HttpRecord http, string url) => http.IsResponse
        ? string.Create(CultureInfo.InvariantCulture, $"{http.Protocol} {http.Code} {http.Latency.Ticks / TimeSpan.TicksPerMillisecond}ms ({http.Method} {url})")
        : $"{http.Protocol} {http.Method} {url}";

    private static string Of(DnsRecord dns)
    {
        if (!dns.IsResponse)
        {
            return $"DNS Query {dns.Query} {dns.QueryType}";
        }

        var answer = dns.ResponseCode != 0 ? "RCode: " + ResponseCode(dns.ResponseCode)
            : string.Join(' ', Parts(dns));
        return string.Create(CultureInfo.InvariantCulture, $"DNS Answer {answer} TTL: {dns.Ttl} (Proxy {dns.Query} {dns.QueryType})");
    }

    private static IEnumerable<string> Parts(DnsRecord dns)
    {
        if (dns.Addresses.Count > 0)
        {
            yield return $"\"{string.Join(',', dns.Addresses)}\"";
        }

        if (dns.Cnames.Count > 0)
        {
            yield return $"CNAMEs: \"{string.Join(',', dns.Cnames)}\"";
        }
    }

    private static string ResponseCode(int code) => (uint)code < s_responseCodes.Length ? s_responseCodes[code] : "Unknown";

    private static string Of(KafkaRecord kafka) => kafka.IsResponse
        ? string.Create(CultureInfo.InvariantCulture,
            $"Kafka response {kafka.ApiKey} correlation id {kafka.CorrelationId} topic '{kafka.Topic}' return code {kafka.ErrorCode}")
        : string.Create(CultureInfo.InvariantCulture, $"Kafka request {kafka.ApiKey} correlation id {kafka.CorrelationId} topic '{kafka.Topic}'");
}
