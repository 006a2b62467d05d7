using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Commands;

namespace PolicyProxy.Sidecar.Launching.Summary;

/// <summary>Denials that are one to the reader: the same thing was refused for the same reason. Immutable.</summary>
/// <param name="What">What was tried: <c>POST http://api.example/x</c>, or <c>tcp 192.0.2.1:443</c>.</param>
/// <param name="Reason">Why it was refused.</param>
/// <param name="Detail">Which part missed, or what made it ambiguous; empty if there is nothing to say.</param>
/// <param name="Rule">The rule that refused it, or that came nearest; null if there is none.</param>
/// <param name="Allowing">What to add to allow it; null if no rule could.</param>
internal sealed record DeniedTraffic(string What, VerdictReason Reason, string Detail, RuleOrigin? Rule, AllowingRule? Allowing)
{
    /// <summary>The reason and the detail in words.</summary>
    public string Because => Detail.Length > 0 ? Detail : ReasonText.Of(Reason);

    public static DeniedTraffic From(FlowRecord flow) => new(
        WhatOf(flow),
        flow.Reason,
        flow.Nearest?.Missed ?? flow.Note,
        flow.Rule ?? flow.Nearest?.Rule,
        AllowingRule.For(flow));

    /// <summary>What makes two denials one: made before anything else, so that a repeated denial costs one string.</summary>
    public static string KeyOf(FlowRecord flow) => $"{WhatOf(flow)}\n{(int)flow.Reason}\n{flow.Rule?.RulePath}";

    private static string WhatOf(FlowRecord flow) => flow.L7 switch
    {
        HttpRecord http => $"{http.Method} {http.Url}",
        DnsRecord dns => $"dns {dns.QueryType} {dns.Query}",
        TlsRecord tls => tls.ServerName.Length == 0 ? "tls without server name" : $"tls {tls.ServerName}",
        KafkaRecord kafka => $"kafka {kafka.ApiKey} {kafka.Topic}".TrimEnd(),
        _ => $"{flow.Protocol.ToString().ToLowerInvariant()} {Peer(flow)}",
    };

    // On ingress the peer's port says nothing: the port that was tried is the subject's.
    private static string Peer(FlowRecord flow) => flow.Direction == Policy.Identities.TrafficDirection.Egress
        ? $"{flow.Destination.Address}"
        : $"port {flow.Destination.Address?.Port} from {flow.Source.Address?.Address}";
}
