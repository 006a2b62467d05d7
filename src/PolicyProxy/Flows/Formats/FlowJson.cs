using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Flows.Formats;

/// <summary>The fields of Hubble's <c>flow.Flow</c> as proto3 JSON: default values left out, 64-bit numbers as strings, enumerations by name.</summary>
internal static class FlowJson
{
    /// <summary>Writes the fields into the object that is open.</summary>
    public static void Write(Utf8JsonWriter json, FlowEvent flowEvent, FlowJsonOptions options)
    {
        var flow = flowEvent.Flow;
        WriteTime(json, flow.Time);
        if (flowEvent.Uuid is var uuid && uuid != Guid.Empty)
        {
            json.WriteString("uuid"u8, uuid);
        }

        json.WriteStartObject("emitter"u8);
        json.WriteString("name"u8, "PolicyProxy"u8);
        json.WriteString("version"u8, options.EmitterVersion);
        json.WriteEndObject();
        WriteText(json, "verdict"u8, Verdict(flow.Verdict));
        var dropReason = flowEvent.DropReason;
        if (dropReason is not null)
        {
            json.WriteNumber("drop_reason"u8, dropReason.Number);
        }

        WriteAddresses(json, flow);
        WriteTransport(json, flowEvent);
        WriteEndpoint(json, "source"u8, flow.Source, options);
        WriteEndpoint(json, "destination"u8, flow.Destination, options);
        json.WriteString("Type"u8, flow.Type == FlowType.L7 ? "L7"u8 : "L3_L4"u8);
        json.WriteString("node_name"u8, options.NodeName);
        WriteList(json, "source_names"u8, flow.Source.Names);
        WriteList(json, "destination_names"u8, flow.Destination.Names);
        if (flow.Type == FlowType.L7)
        {
            FlowJsonLayer7.Write(json, flow, options.Redaction);
        }

        WriteEventType(json, flowEvent);
        WriteText(json, "traffic_direction"u8, flow.Direction switch
        {
            TrafficDirection.Ingress => "INGRESS",
            TrafficDirection.Egress => "EGRESS",
            _ => string.Empty,
        });
        WriteNumber(json, "policy_match_type"u8, (int)flowEvent.Match);
        WriteText(json, "drop_reason_desc"u8, dropReason?.Name ?? string.Empty);
        if (flowEvent.IsReply is { } isReply)
        {
            json.WriteBoolean("is_reply"u8, isReply);
        }

        WriteTrace(json, flow.TraceId);
        FlowJsonProcess.Write(json, flow.Process);
        json.WriteString("Summary"u8, FlowSummary.Of(flow, options.Redaction));
        FlowJsonPolicies.Write(json, flowEvent, options.Redaction);
    }

    /// <summary>Writes <c>time</c> with nine decimals, as protobuf prints timestamps.</summary>
    public static void WriteTime(Utf8JsonWriter json, DateTimeOffset time) =>
        json.WriteString("time"u8, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture));

    /// <summary>Writes a string unless it is empty.</summary>
    public static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>Writes a number unless it is zero.</summary>
    public static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long value)
    {
        if (value != 0)
        {
            json.WriteNumber(name, value);
        }
    }

    /// <summary>Writes a list of strings unless it is empty.</summary>
    public static void WriteList(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static string Verdict(FlowVerdict verdict) => verdict switch
    {
        FlowVerdict.Forwarded => "FORWARDED",
        FlowVerdict.Dropped => "DROPPED",
        FlowVerdict.Error => "ERROR",
        FlowVerdict.Audit => "AUDIT",
        FlowVerdict.Redirected => "REDIRECTED",
        _ => string.Empty,
    };

    private static void WriteAddresses(Utf8JsonWriter json, FlowRecord flow)
    {
        if ((flow.Source.Address ?? flow.Destination.Address) is not { } known)
        {
            return;
        }

        json.WriteStartObject("IP"u8);
        WriteText(json, "source"u8, flow.Source.Address is { } source ? FlowHost.Address(source.Address) : string.Empty);
        WriteText(json, "destination"u8, flow.Destination.Address is { } destination ? FlowHost.Address(destination.Address) : string.Empty);
        var isIpv4 = known.AddressFamily == AddressFamily.InterNetwork || known.Address.IsIPv4MappedToIPv6;
        json.WriteString("ipVersion"u8, isIpv4 ? "IPv4"u8 : "IPv6"u8);
        json.WriteEndObject();
    }

    private static void WriteTransport(Utf8JsonWriter json, FlowEvent flowEvent)
    {
        var flow = flowEvent.Flow;
        var name = flow.Protocol switch
        {
            TransportProtocol.Tcp => "TCP"u8,
            TransportProtocol.Udp => "UDP"u8,
            TransportProtocol.Sctp => "SCTP"u8,
            TransportProtocol.Icmp => "ICMPv4"u8,
            TransportProtocol.IcmpV6 => "ICMPv6"u8,
            _ => default,
        };
        if (name.IsEmpty)
        {
            return;
        }

        json.WriteStartObject("l4"u8);
        json.WriteStartObject(name);
        if (flow.Protocol is TransportProtocol.Tcp or TransportProtocol.Udp or TransportProtocol.Sctp)
        {
            WriteNumber(json, "source_port"u8, flow.Source.Address?.Port ?? 0);
            WriteNumber(json, "destination_port"u8, flow.Destination.Address?.Port ?? 0);
        }

        if (flow.Protocol == TransportProtocol.Tcp && flow.Type == FlowType.L3L4)
        {
            json.WriteStartObject("flags"u8);
            json.WriteBoolean("SYN"u8, true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEndpoint(Utf8JsonWriter json, ReadOnlySpan<byte> name, FlowEndpoint endpoint, FlowJsonOptions options)
    {
        json.WriteStartObject(name);
        if (endpoint.Identity is { } identity)
        {
            WriteNumber(json, "identity"u8, identity.Id);
            if (identity.Namespace is { Length: > 0 } space)
            {
                json.WriteString("cluster_name"u8, identity.Labels.Find(Label.KubernetesSource, ReservedLabels.ClusterKey) ?? options.ClusterName);
                json.WriteString("namespace"u8, space);
            }

            json.WriteStartArray("labels"u8);
            foreach (var label in identity.Labels.Labels)
            {
                json.WriteStringValue(label.ToString());
            }

            json.WriteEndArray();
        }

        WriteText(json, "pod_name"u8, endpoint.PodName);
        json.WriteEndObject();
    }

    private static void WriteEventType(Utf8JsonWriter json, FlowEvent flowEvent)
    {
        json.WriteStartObject("event_type"u8);
        json.WriteNumber("type"u8, (int)flowEvent.Kind);
        if (flowEvent is { Kind: FlowEventKind.Drop, DropReason: { } reason })
        {
            json.WriteNumber("sub_type"u8, reason.Number);
        }

        json.WriteEndObject();
    }

    private static void WriteTrace(Utf8JsonWriter json, string traceId)
    {
        if (traceId.Length == 0)
        {
            return;
        }

        json.WriteStartObject("trace_context"u8);
        json.WriteStartObject("parent"u8);
        json.WriteString("trace_id"u8, traceId);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
