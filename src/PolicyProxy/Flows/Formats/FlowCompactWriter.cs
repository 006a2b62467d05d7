using System.Globalization;
using System.Text;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Flows.Formats;

/// <summary>
/// Writes flows for a terminal in the layout of <c>hubble observe</c>'s compact output:
/// <c>time [node]: source (identity) arrow destination (identity) TYPE VERDICT (summary)</c>, then <c> command[id]</c> of the process if it is known, and for denials <c> | why</c>.
/// Text from the network cannot drive the terminal or break the line. Thread-safe.
/// </summary>
internal sealed class FlowCompactWriter
{
    private const string Red = "\e[31m";
    private const string Green = "\e[32m";
    private const string Yellow = "\e[33m";
    private const string Magenta = "\e[35m";
    private const string Cyan = "\e[36m";
    private const string Plain = "\e[0m";

    private readonly FlowCompactOptions _options;

    public FlowCompactWriter(FlowCompactOptions? options = null) => _options = options ?? new FlowCompactOptions();

    /// <summary>Writes the line of the flow (two with <see cref="FlowCompactOptions.DropEvents"/>), each ended by a line feed, in one call.</summary>
    public void Write(FlowRecord flow, TextWriter output)
    {
        var text = new StringBuilder(256);
        Append(text, flow);
        output.Write(text.ToString());
    }

    /// <summary>Appends the line or lines of the flow, each ended by a line feed.</summary>
    public void Append(StringBuilder text, FlowRecord flow)
    {
        Append(text, FlowEvent.Of(flow));
        if (_options.DropEvents && FlowEvent.TryGetDrop(flow, out var drop))
        {
            Append(text, drop);
        }
    }

    /// <summary>The line that says flows are missing.</summary>
    public static string Lost(long count) => string.Create(CultureInfo.InvariantCulture, $"EVENTS LOST: HUBBLE_RING_BUFFER CPU(0) {count}\n");

    private void Append(StringBuilder text, FlowEvent flowEvent)
    {
        var flow = flowEvent.Flow;
        AppendTime(text, flow.Time);
        if (_options.NodeName.Length > 0)
        {
            text.Append(" [").AppendSafe(_options.NodeName).Append(']');
        }

        // A reply is shown as its connection runs, with the arrow turned.
        var isReply = flowEvent.IsReply == true;
        text.Append(": ");
        AppendEndpoint(text, isReply ? flow.Destination : flow.Source);
        text.Append(flowEvent.IsReply switch { null => " <> ", true => " <- ", false => " -> " });
        AppendEndpoint(text, isReply ? flow.Source : flow.Destination);
        text.Append(' ').Append(Type(flowEvent)).Append(' ');
        AppendVerdict(text, flowEvent);
        text.Append(" (").AppendSafe(FlowSummary.Of(flow, _options.Redaction)).Append(')');
        AppendProcess(text, flow.Process);
        AppendWhy(text, flowEvent);
        text.Append('\n');
    }

    private void AppendTime(StringBuilder text, DateTimeOffset time)
    {
        var local = TimeZoneInfo.ConvertTime(time, _options.TimeZone);
        text.Append(local.ToString("MMM ", CultureInfo.InvariantCulture))
            .Append(CultureInfo.InvariantCulture, $"{local.Day,2}")
            .Append(local.ToString(" HH:mm:ss.fff", CultureInfo.InvariantCulture));
    }

    private void AppendEndpoint(StringBuilder text, FlowEndpoint endpoint)
    {
        var host = FlowHost.NameOf(endpoint);
        Begin(text, Cyan).AppendSafe(host);
        End(text).Append(' ');
        Begin(text, Magenta);
        if (ReservedName(endpoint.Identity?.Id ?? 0) is { } name)
        {
            text.Append('(').Append(name).Append(')');
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"(ID:{endpoint.Identity!.Id})");
        }

        End(text);
    }

    private void AppendVerdict(StringBuilder text, FlowEvent flowEvent)
    {
        var (verdict, onConnection, color) = flowEvent.Flow.Verdict switch
        {
            FlowVerdict.Forwarded => ("FORWARDED", "ALLOWED", Green),
            FlowVerdict.Redirected => ("REDIRECTED", "ALLOWED", Green),
            FlowVerdict.Dropped => ("DROPPED", "DENIED", Red),
            FlowVerdict.Error => ("ERROR", "DENIED", Red),
            FlowVerdict.Audit => ("AUDIT", "AUDITED", Yellow),
            _ => ("VERDICT_UNKNOWN", "VERDICT_UNKNOWN", Plain),
        };
        var isVerdictEvent = flowEvent.Kind == FlowEventKind.PolicyVerdict;
        Begin(text, color).Append(isVerdictEvent ? onConnection : verdict);
        if (_options.PolicyNames && isVerdictEvent && (flowEvent.AllowedBy ?? flowEvent.DeniedBy) is { } rule)
        {
            text.Append(" BY ").AppendSafe(rule.Policy).Append(" (").AppendSafe(rule.Kind).Append(')');
        }

        End(text);
    }

    // As the system log writes it.
    private static void AppendProcess(StringBuilder text, WorkloadProcess? process)
    {
        if (process is not null)
        {
            text.Append(' ').AppendSafe(process.Command).Append(CultureInfo.InvariantCulture, $"[{process.Id}]");
        }
    }

    private void AppendWhy(StringBuilder text, FlowEvent flowEvent)
    {
        if (!_options.Why)
        {
            return;
        }

        var why = FlowExplanation.Of(flowEvent.Flow, _options.Redaction);
        if (why.Length > 0)
        {
            text.Append(" | ").AppendSafe(why);
        }
    }

    private StringBuilder Begin(StringBuilder text, string color) => _options.Color ? text.Append(color) : text;

    private StringBuilder End(StringBuilder text) => _options.Color ? text.Append(Plain) : text;

    private static string Type(FlowEvent flowEvent) => flowEvent.Kind switch
    {
        FlowEventKind.Drop => flowEvent.DropReason?.Text ?? "UNKNOWN",
        FlowEventKind.PolicyVerdict => $"policy-verdict:{Match(flowEvent.Match)} {Direction(flowEvent.Flow.Direction)}",
        _ => Protocol(flowEvent.Flow.L7),
    };

    private static string Protocol(L7Record? record)
    {
        var type = record is { IsResponse: true } ? "response" : "request";
        return record switch
        {
            HttpRecord => "http-" + type,
            DnsRecord => $"dns-{type} proxy",
            KafkaRecord => "kafka-" + type,
            _ => "l7-" + type,
        };
    }

    private static string Match(PolicyMatch match) => match switch
    {
        PolicyMatch.L3Only => "L3-Only",
        PolicyMatch.L3L4 => "L3-L4",
        PolicyMatch.L4Only => "L4-Only",
        PolicyMatch.All => "all",
        PolicyMatch.L3Protocol => "L3-Proto",
        PolicyMatch.ProtocolOnly => "Proto-Only",
        _ => "none",
    };

    private static string Direction(TrafficDirection direction) => direction switch
    {
        TrafficDirection.Ingress => "INGRESS",
        TrafficDirection.Egress => "EGRESS",
        _ => "TRAFFIC_DIRECTION_UNKNOWN",
    };

    private static string? ReservedName(uint identity) => identity switch
    {
        0 => "unknown",
        1 => "host",
        2 => "world",
        3 => "unmanaged",
        4 => "health",
        5 => "init",
        6 => "remote-node",
        7 => "kube-apiserver",
        8 => "ingress",
        9 => "world-ipv4",
        10 => "world-ipv6",
        _ => null,
    };
}
