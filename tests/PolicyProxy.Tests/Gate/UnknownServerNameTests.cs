using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Tests.Gate;

/// <summary>Connections of which the server name cannot be known are judged as those without one, and the flow says why it is not.</summary>
public sealed class UnknownServerNameTests
{
    private const string Named = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: named, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - fromEndpoints: [{matchLabels: {app: web}}]
            toPorts: [{ports: [{port: "443", protocol: TCP}], serverNames: ["*.example"]}]
        """;

    [Fact]
    public void Unknown_name_is_denied_with_the_given_reason_and_shows_the_other_name()
    {
        using var gate = new TestGate(Named).Observed();
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 443), out var permit);

        var verdict = gate.Gate.CheckWithoutServerName(ref permit, "public.example", VerdictReason.Unsupported, "encrypted");

        Assert.Equal((false, false, VerdictReason.Unsupported), (verdict.Allowed, verdict.Audited, verdict.Reason));
        var flow = gate.Flows()[^1];
        Assert.Equal((FlowVerdict.Dropped, new TlsRecord("public.example"), "encrypted"), (flow.Verdict, flow.L7, flow.Note));
        Assert.False(permit.AllowsWithoutServerName);
    }

    [Fact]
    public void Unknown_name_passes_in_audit_mode_and_is_reported()
    {
        using var gate = new TestGate(Named).Observed();
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 443, audit: true), out var permit);

        var verdict = gate.Gate.CheckWithoutServerName(ref permit, [], VerdictReason.ProtocolError, "no TLS");

        Assert.Equal((true, true, VerdictReason.ProtocolError), (verdict.Allowed, verdict.Audited, verdict.Reason));
        Assert.Equal(FlowVerdict.Audit, gate.Flows()[^1].Verdict);
    }

    [Fact]
    public void Unknown_name_passes_where_a_rule_asks_for_none()
    {
        var both = Named + "\n  - fromEndpoints: [{}]\n    toPorts: [{ports: [{port: \"443\", protocol: TCP}]}]";
        using var gate = new TestGate(both).Observed();
        Assert.Empty(gate.First.Diagnostics);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 443), out var permit);

        Assert.True(permit.AllowsWithoutServerName);
        Assert.Equal((true, false), gate.Gate.CheckWithoutServerName(ref permit, [], VerdictReason.ProtocolError, "x") is var verdict ? (verdict.Allowed, verdict.Audited) : default);
    }

    [Fact]
    public void Name_judged_again_leaves_a_flow_only_when_it_is_denied()
    {
        using var gate = new TestGate(Named).Observed();
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 443), out var permit);
        Assert.True(gate.Gate.CheckServerName(ref permit, "a.example").Allowed);
        var flows = gate.Flows().Count;

        Assert.True(gate.Gate.RecheckServerName(ref permit, "a.example").Allowed);
        Assert.Equal(flows, gate.Flows().Count);
        gate.Update(Named.Replace("*.example", "*.other", StringComparison.Ordinal));
        Assert.False(gate.Gate.RecheckServerName(ref permit, "a.example").Allowed);
        Assert.Equal(flows + 1, gate.Flows().Count);
    }

    [Fact]
    public void Handshake_without_a_name_says_so_in_its_flow()
    {
        using var gate = new TestGate(Named).Observed();
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 443), out var permit);

        Assert.False(gate.Gate.CheckServerName(ref permit, []).Allowed);
        Assert.Equal("the client names no server", gate.Flows()[^1].Note);
    }
}
