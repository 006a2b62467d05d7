using System.Diagnostics.Metrics;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Flows;

/// <summary>
/// Counts flows on the meter <c>PolicyProxy</c>; instruments and labels are listed in docs/reference/metrics.md. Every label has a fixed set of
/// values. Counting allocates nothing. Thread-safe.
/// </summary>
public sealed class FlowMetrics : IInlineFlowObserver
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "PolicyProxy";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _connections;

    /// <summary>Creates the instruments. The factory makes one meter per name, so all parts of the program share it.</summary>
    /// <param name="meters">Owner of the meter.</param>
    /// <param name="publisher">Asked for lost flows and observer errors.</param>
    /// <param name="log">Asked for lost flows; null when there is none.</param>
    public FlowMetrics(IMeterFactory meters, FlowPublisher publisher, FlowLog? log = null)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(publisher);
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("policyproxy.requests", "{request}", "Requests judged at layer 7.");
        _connections = meter.CreateCounter<long>("policyproxy.connections", "{connection}", "Connections judged.");
        meter.CreateObservableCounter("policyproxy.flows.lost", () => publisher.LostFlows + (log?.LostFlows ?? 0), "{flow}",
            "Flows that an observer or a reader was too slow for.");
        meter.CreateObservableCounter("policyproxy.observer.errors", () => publisher.ObserverErrors, "{error}", "Exceptions thrown by flow observers.");
    }

    /// <summary>True if somebody collects requests or connections.</summary>
    public bool Enabled => _requests.Enabled || _connections.Enabled;

    /// <inheritdoc/>
    public void OnFlow(FlowRecord flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (flow.Type == FlowType.L3L4)
        {
            CountConnection(flow.Verdict, flow.Protocol, flow.Direction);
        }
        else if (!flow.IsReply && flow.L7 is not { IsResponse: true })
        {
            Count(_requests, flow.Verdict, Protocol(flow.L7), flow.Direction);
        }
    }

    /// <summary>Counts a connection without a flow, for a gate that makes none.</summary>
    internal void CountConnection(FlowVerdict verdict, TransportProtocol protocol, TrafficDirection direction) =>
        Count(_connections, verdict, Protocol(protocol), direction);

    private static void Count(Counter<long> counter, FlowVerdict verdict, string protocol, TrafficDirection direction) => counter.Add(
        1, new("verdict", Verdict(verdict)), new("protocol", protocol), new("direction", Direction(direction)));

    private static string Verdict(FlowVerdict verdict) => verdict switch
    {
        FlowVerdict.Forwarded => "forwarded",
        FlowVerdict.Redirected => "redirected",
        FlowVerdict.Dropped => "dropped",
        FlowVerdict.Audit => "audit",
        FlowVerdict.Error => "error",
        _ => "unknown",
    };

    private static string Direction(TrafficDirection direction) => direction switch
    {
        TrafficDirection.Ingress => "ingress",
        TrafficDirection.Egress => "egress",
        _ => "unknown",
    };

    private static string Protocol(L7Record? record) => record switch
    {
        HttpRecord => "http",
        DnsRecord => "dns",
        KafkaRecord => "kafka",
        TlsRecord => "tls",
        _ => "other",
    };

    private static string Protocol(TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => "tcp",
        TransportProtocol.Udp => "udp",
        TransportProtocol.Sctp => "sctp",
        TransportProtocol.Icmp or TransportProtocol.IcmpV6 => "icmp",
        _ => "other",
    };
}
