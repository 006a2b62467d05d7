using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Tests.Gate;

public sealed class AuditTests
{
    private const string OldDenied = "ingressDeny: [{fromEndpoints: [{matchLabels: {app: old}}]}]";
    private static readonly TestRequest Forbidden = new("DELETE", "/x");

    [Fact]
    public void Endpoint_in_audit_lets_denied_connections_and_requests_pass_and_says_so()
    {
        using var gate = new TestGate(Policy("one", "GET")).Observed();
        var stranger = gate.Gate.Connect(gate.Ingress("app=api", "app=stranger", 8080, audit: true), out _);
        Assert.True(stranger is { Allowed: true, Audited: true, Reason: VerdictReason.DefaultDeny });
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080, audit: true), out var permit);
        Assert.True(gate.Gate.Check(ref permit, Forbidden) is { Allowed: true, Audited: true, Reason: VerdictReason.NoRuleMatched });
        Assert.Equal(2, gate.Flows().Count(f => f.Verdict == FlowVerdict.Audit));
    }

    [Fact]
    public void Policy_in_audit_reports_what_it_would_drop_while_the_others_are_enforced()
    {
        using var gate = new TestGate(Policy("open", ".*"), Policy("tight", "GET", audit: true, deny: "app=old"));
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        Assert.True(gate.Gate.Check(ref permit, Forbidden) is { Allowed: true, Audited: false });
        var old = gate.Gate.Connect(gate.Ingress("app=api", "app=old", 8080), out _);
        Assert.True(old is { Allowed: false, Reason: VerdictReason.DefaultDeny });
    }

    [Fact]
    public void Policy_in_audit_alone_enforces_nothing()
    {
        using var gate = new TestGate(Policy("tight", "GET", audit: true));
        var stranger = gate.Gate.Connect(gate.Ingress("app=api", "app=stranger", 8080), out _);
        Assert.True(stranger is { Allowed: true, Audited: true, Reason: VerdictReason.DefaultDeny });
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        Assert.Equal(L7Kind.Http, permit.Kind);
        Assert.True(gate.Gate.Check(ref permit, Forbidden) is { Allowed: true, Audited: true, Reason: VerdictReason.NoRuleMatched });
        Assert.True(gate.Gate.Check(ref permit, new TestRequest("GET", "/x")) is { Allowed: true, Audited: false });
    }

    [Fact]
    public void Policy_in_audit_never_opens_what_the_enforced_ones_deny()
    {
        using var gate = new TestGate(Policy("tight", "GET"), Policy("wide", ".*", audit: true));
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        Assert.False(gate.Gate.Check(ref permit, Forbidden).Allowed);
    }

    private static string Policy(string name, string method, bool audit = false, string? deny = null) => $$$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata:
          name: {{{name}}}
          namespace: default
          annotations: {policyproxy.dev/audit: "{{{(audit ? "true" : "false")}}}"}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - fromEndpoints: [{matchLabels: {app: web}}]
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules: {http: [{method: "{{{method}}}"}]}
          {{{(deny is null ? string.Empty : OldDenied)}}}
        """;
}
