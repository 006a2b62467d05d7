using System.Net;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Tests.Flows;

/// <summary>The cast of the golden lines: a frontend, an API, a DNS server, a broker, and the world.</summary>
internal static class SampleFlows
{
    public static readonly DateTimeOffset Time = new(2026, 11, 22, 21, 20, 13, 586, TimeSpan.Zero);

    public static readonly RuleOrigin ApiRule =
        new("CiliumNetworkPolicy", "default", "api-l7", "spec.ingress[0].toPorts[0].rules.http[1]", "policies/api.yaml", 41, 9);

    public static readonly RuleOrigin DenyRule =
        new("CiliumClusterwideNetworkPolicy", "", "no-ssh", "spec.ingressDeny[0]", "policies/ssh.yaml", 7, 5) { LogValue = "ssh is closed" };

    public static readonly WorkloadProcess Curl = new() { Id = 4711, Command = "curl", UserId = 1000, CgroupId = 9_007_199_254_740_993 };

    public static FlowEndpoint Frontend(int port = 40032) => Pod("10.0.0.11", port, 40321, "k8s:app=frontend", "default", "frontend-7c9-x1");

    public static FlowEndpoint Api(int port) => Pod("10.0.0.12", port, 51234, "k8s:app=api", "default", "api-6d4cf-1");

    public static FlowEndpoint Dns() => Pod("10.0.0.53", 53, 5000, "k8s:k8s-app=kube-dns", "kube-system", "coredns-abc");

    public static FlowEndpoint Broker(int port) => Pod("10.0.0.20", port, 60001, "k8s:app=kafka", "data", "kafka-0");

    public static FlowEndpoint World(int port) => new(new IPEndPoint(IPAddress.Parse("203.0.113.9"), port), Identity(2, "reserved:world"), "");

    public static FlowEndpoint Example() =>
        new(new IPEndPoint(IPAddress.Parse("93.184.216.34"), 443), Identity(16777217, "cidr:93.184.216.34/32"), "") { Names = ["example.com"] };

    public static Identity Identity(uint id, params string[] labels) => new(id, new LabelSet(labels.Select(Label.Parse)), null, []);

    public static FlowRecord Connection(FlowEndpoint source, FlowEndpoint destination, FlowVerdict verdict, VerdictReason reason) => new()
    {
        Time = Time,
        Uuid = Guid.Parse("f0ae713c-3ad6-4907-99fb-3c43ec47f6d7"),
        Type = FlowType.L3L4,
        Verdict = verdict,
        Reason = reason,
        Direction = TrafficDirection.Ingress,
        Source = source,
        Destination = destination,
        PolicyRevision = 7,
    };

    public static FlowRecord Request(FlowEndpoint source, FlowEndpoint destination, FlowVerdict verdict, L7Record? record) =>
        Connection(source, destination, verdict, verdict == FlowVerdict.Forwarded ? VerdictReason.AllowedByRule : VerdictReason.NoRuleMatched) with
        {
            Type = FlowType.L7,
            L7 = record,
            IsReply = record is { IsResponse: true },
        };

    public static HttpRecord Http(string method, string url) => new(false, TimeSpan.Zero, 0, method, url, "HTTP/1.1");

    public static FlowRecord DeniedDelete(string url = "http://api.default.svc.cluster.local:8080/admin") =>
        Request(Frontend(), Api(8080), FlowVerdict.Dropped, Http("DELETE", url)) with
        {
            Nearest = new NearestRule(ApiRule, "method \"DELETE\" does not match \"GET\""),
        };

    private static FlowEndpoint Pod(string address, int port, uint id, string label, string space, string name) => new(
        new IPEndPoint(IPAddress.Parse(address), port), Identity(id, label, "k8s:io.kubernetes.pod.namespace=" + space), name);
}
