using System.Globalization;
using System.Text.Json;

namespace PolicyProxy.Flows.Formats;

/// <summary>The <c>l7</c> field of a flow. A record that Hubble has no message for has a type and no record, which it prints as <c>l7-request</c>.</summary>
internal static class FlowJsonLayer7
{
    /// <summary>Writes the field into the flow that is open.</summary>
    public static void Write(Utf8JsonWriter json, FlowRecord flow, FlowRedaction redaction)
    {
        json.WriteStartObject("l7"u8);
        json.WriteString("type"u8, flow.L7 is { IsResponse: true } ? "RESPONSE"u8 : "REQUEST"u8);
        if (flow.L7 is { Latency.Ticks: > 0 } timed)
        {
            json.WriteString("latency_ns"u8, (timed.Latency.Ticks * TimeSpan.NanosecondsPerTick).ToString(CultureInfo.InvariantCulture));
        }

        switch (flow.L7)
        {
            case HttpRecord http: WriteHttp(json, http, redaction); break;
            case DnsRecord dns: WriteDns(json, dns); break;
            case KafkaRecord kafka: WriteKafka(json, kafka); break;
            default: break;
        }

        json.WriteEndObject();
    }

    private static void WriteHttp(Utf8JsonWriter json, HttpRecord http, FlowRedaction redaction)
    {
        json.WriteStartObject("http"u8);
        FlowJson.WriteNumber(json, "code"u8, Math.Max(0, http.Code));
        FlowJson.WriteText(json, "method"u8, http.Method);
        FlowJson.WriteText(json, "url"u8, redaction.Url(http.Url));
        FlowJson.WriteText(json, "protocol"u8, http.Protocol);
        json.WriteEndObject();
    }

    private static void WriteDns(Utf8JsonWriter json, DnsRecord dns)
    {
        json.WriteStartObject("dns"u8);
        FlowJson.WriteText(json, "query"u8, dns.Query);
        FlowJson.WriteList(json, "ips"u8, dns.Addresses);
        FlowJson.WriteNumber(json, "ttl"u8, dns.Ttl);
        FlowJson.WriteList(json, "cnames"u8, dns.Cnames);
        json.WriteString("observation_source"u8, "proxy"u8);
        FlowJson.WriteNumber(json, "rcode"u8, Math.Max(0, dns.ResponseCode));
        if (dns.QueryType.Length > 0)
        {
            FlowJson.WriteList(json, "qtypes"u8, [dns.QueryType]);
        }

        FlowJson.WriteList(json, "rrtypes"u8, [.. AnswerTypes(dns)]);
        json.WriteEndObject();
    }

    private static IEnumerable<string> AnswerTypes(DnsRecord dns)
    {
        foreach (var _ in dns.Cnames)
        {
            yield return "CNAME";
        }

        foreach (var address in dns.Addresses)
        {
            yield return address.Contains(':', StringComparison.Ordinal) ? "AAAA" : "A";
        }
    }

    private static void WriteKafka(Utf8JsonWriter json, KafkaRecord kafka)
    {
        json.WriteStartObject("kafka"u8);
        FlowJson.WriteNumber(json, "error_code"u8, kafka.ErrorCode);
        FlowJson.WriteNumber(json, "api_version"u8, kafka.ApiVersion);
        FlowJson.WriteText(json, "api_key"u8, kafka.ApiKey);
        FlowJson.WriteNumber(json, "correlation_id"u8, kafka.CorrelationId);
        FlowJson.WriteText(json, "topic"u8, kafka.Topic);
        json.WriteEndObject();
    }
}
