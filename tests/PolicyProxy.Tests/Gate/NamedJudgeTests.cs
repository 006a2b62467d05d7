using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Tests.Gate;

/// <summary>One address that several names share: what each of them opens there.</summary>
public sealed class NamedJudgeTests
{
    private const string Shared = "192.0.2.10";
    private const string Names = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: api, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          egress:
          - toFQDNs: [{matchName: good.example}]
            toPorts: [{ports: [{port: "80", protocol: TCP}, {port: "443", protocol: TCP}]}]
          - toFQDNs: [{matchName: reader.example}]
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules: {http: [{method: GET}]}
          - toFQDNs: [{matchPattern: "*.writer.example"}]
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules: {http: [{method: PUT}]}
          - toCIDR: [198.51.100.0/24]
            toPorts: [{ports: [{port: "80", protocol: TCP}]}]
          - toFQDNs: [{matchName: mail.example}]
            toPorts: [{ports: [{port: "25", protocol: TCP}]}]
        """;

    [Theory]
    [InlineData("good.example", VerdictReason.AllowedByRule)]
    [InlineData("GOOD.example.:80", VerdictReason.AllowedByRule)]
    [InlineData("evil.example", VerdictReason.NameNotAllowed)]
    [InlineData("good.example.evil.test", VerdictReason.NameNotAllowed)]
    [InlineData("reader.example", VerdictReason.NameNotAllowed)]
    [InlineData("", VerdictReason.NameNotVisible)]
    [InlineData("192.0.2.10", VerdictReason.NameNotVisible)]
    [InlineData("192.0.2.10:80", VerdictReason.NameNotVisible)]
    [InlineData("[2001:db8::1]:80", VerdictReason.NameNotVisible)]
    public void Check_under_strict_opens_a_shared_address_for_the_allowed_name_only(string authority, VerdictReason reason)
    {
        using var gate = Open(FqdnBinding.Strict);
        var verdict = gate.Gate.Connect(gate.Egress("app=api", Shared, 80), out var permit);
        Assert.True(verdict.Allowed);
        Assert.Equal(L7Kind.Name, permit.Kind);
        verdict = gate.Gate.Check(ref permit, new TestRequest("GET", "/", authority));
        Assert.Equal((reason, reason == VerdictReason.AllowedByRule), (verdict.Reason, verdict.Allowed));
        Assert.Equal("spec.egress[0].toPorts[0]", verdict.Rule?.RulePath);
    }

    [Theory]
    [InlineData("good.example", VerdictReason.AllowedByRule)]
    [InlineData("Good.Example", VerdictReason.AllowedByRule)]
    [InlineData("evil.example", VerdictReason.NameNotAllowed)]
    [InlineData("", VerdictReason.NameNotVisible)]
    public void CheckServerName_under_strict_opens_a_shared_address_for_the_allowed_name_only(string name, VerdictReason reason)
    {
        using var gate = Open(FqdnBinding.Strict);
        _ = gate.Gate.Connect(gate.Egress("app=api", Shared, 443), out var permit);
        Assert.Equal(L7Kind.Name, permit.Kind);
        var verdict = gate.Gate.CheckServerName(ref permit, name);
        Assert.Equal((reason, reason == VerdictReason.AllowedByRule), (verdict.Reason, verdict.Allowed));
    }

    [Fact]
    public void Check_under_cilium_opens_a_shared_address_for_every_name()
    {
        using var gate = Open(FqdnBinding.Cilium);
        _ = gate.Gate.Connect(gate.Egress("app=api", Shared, 80), out var permit);
        Assert.Equal(L7Kind.None, permit.Kind);
        Assert.True(gate.Gate.Check(ref permit, new TestRequest("GET", "/", "evil.example")).Allowed);
    }

    [Theory]
    [InlineData("reader.example", "GET", true)]
    [InlineData("reader.example", "PUT", false)]
    [InlineData("a.writer.example", "PUT", true)]
    [InlineData("a.writer.example", "GET", false)]
    public void Check_under_strict_asks_the_rules_of_the_shown_name_only(string authority, string method, bool allowed)
    {
        using var gate = Open(FqdnBinding.Strict);
        _ = gate.Gate.Connect(gate.Egress("app=api", Shared, 8080), out var permit);
        Assert.Equal(L7Kind.Http, permit.Kind);
        var verdict = gate.Gate.Check(ref permit, new TestRequest(method, "/", authority));
        Assert.Equal((allowed, allowed ? VerdictReason.AllowedByRule : VerdictReason.NoRuleMatched), (verdict.Allowed, verdict.Reason));

        using var cilium = Open(FqdnBinding.Cilium);
        _ = cilium.Gate.Connect(cilium.Egress("app=api", Shared, 8080), out permit);
        Assert.True(cilium.Gate.Check(ref permit, new TestRequest(method, "/", authority)).Allowed);
    }

    [Fact]
    public void Check_under_strict_refuses_an_allowed_name_at_an_address_no_answer_gave_for_it()
    {
        using var gate = Open(FqdnBinding.Strict);
        Learn(gate, "b.writer.example", "192.0.2.11");
        _ = gate.Gate.Connect(gate.Egress("app=api", "192.0.2.11", 8080), out var permit);
        Assert.Equal(VerdictReason.NameNotAllowed, gate.Gate.Check(ref permit, new TestRequest("PUT", "/", "a.writer.example")).Reason);
        Assert.True(gate.Gate.Check(ref permit, new TestRequest("PUT", "/", "b.writer.example")).Allowed);
    }

    [Fact]
    public void Check_under_strict_what_an_address_rule_allows_needs_no_name()
    {
        using var gate = Open(FqdnBinding.Strict);
        Learn(gate, "good.example", "198.51.100.1");
        _ = gate.Gate.Connect(gate.Egress("app=api", "198.51.100.1", 80), out var permit);
        Assert.Equal(L7Kind.None, permit.Kind);
        Assert.True(gate.Gate.Check(ref permit, new TestRequest("GET", "/", "evil.example")).Allowed);
    }

    [Fact]
    public void Check_under_strict_address_without_names_is_default_deny()
    {
        using var gate = Open(FqdnBinding.Strict);
        Assert.Equal(VerdictReason.DefaultDeny, gate.Gate.Connect(gate.Egress("app=api", "192.0.2.99", 80), out _).Reason);
    }

    [Fact]
    public void Check_under_strict_in_audit_mode_reports_the_name_and_lets_it_through()
    {
        using var gate = Open(FqdnBinding.Strict);
        _ = gate.Gate.Connect(gate.Egress("app=api", Shared, 80) with { Audit = true }, out var permit);
        var verdict = gate.Gate.Check(ref permit, new TestRequest("GET", "/", "evil.example"));
        Assert.Equal((true, true, VerdictReason.NameNotAllowed), (verdict.Allowed, verdict.Audited, verdict.Reason));
    }

    [Fact]
    public void Check_under_strict_allocates_nothing()
    {
        using var gate = Open(FqdnBinding.Strict);
        _ = gate.Gate.Connect(gate.Egress("app=api", Shared, 80), out var permit);
        var request = new TestRequest("GET", "/", "good.example:80");
        for (var i = 0; i < 100; i++)
        {
            Assert.True(gate.Gate.Check(ref permit, request).Allowed);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _ = gate.Gate.Check(ref permit, request);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Learn_by_a_refused_permit_teaches_nothing()
    {
        using var gate = Open(FqdnBinding.Strict);
        _ = gate.Gate.Connect(gate.Egress("app=api", "192.0.2.99", 53), out var permit);
        Assert.Equal(0, gate.Gate.Learn(permit, Answer("good.example", "192.0.2.12")));
        Assert.Empty(gate.Engine.Identities.Current.NamesOf(IPAddress.Parse("192.0.2.12")));
        _ = gate.Gate.Connect(gate.Egress("app=api", "198.51.100.1", 80), out permit);
        Assert.Equal(1, gate.Gate.Learn(permit, Answer("good.example", "192.0.2.12")));
        Assert.True(gate.Gate.Connect(gate.Egress("app=api", "192.0.2.12", 80), out _).Allowed);
    }

    [Fact]
    public void Hold_keeps_a_live_connection_admitted_beyond_the_time_to_live()
    {
        using var gate = Open(FqdnBinding.Strict);
        Assert.Equal(1, gate.Engine.Identities.Learn(Answer("good.example", "192.0.2.13"), DateTimeOffset.UnixEpoch));
        _ = gate.Gate.Connect(gate.Egress("app=api", "192.0.2.13", 80), out var permit);
        using (gate.Gate.Hold(permit))
        {
            gate.Engine.Identities.Expire(DateTimeOffset.UnixEpoch.AddDays(1));
            Assert.True(gate.Gate.Check(ref permit, new TestRequest("GET", "/", "good.example")).Allowed);
        }

        gate.Engine.Identities.Expire(DateTimeOffset.UnixEpoch.AddDays(2));
        gate.Engine.Identities.Expire(DateTimeOffset.UnixEpoch.AddDays(3));
        Assert.Equal(VerdictReason.DefaultDeny, gate.Gate.Check(ref permit, new TestRequest("GET", "/", "good.example")).Reason);
        Assert.Null(gate.Gate.Hold(permit));
    }

    private static TestGate Open(FqdnBinding binding)
    {
        var gate = new TestGate(new PolicyCompilerOptions { FqdnBinding = binding }, Names);
        Assert.DoesNotContain(gate.First.Diagnostics, d => d.Severity == DiagnosticSeverity.Error);
        foreach (var name in (string[])["good.example", "evil.example", "reader.example", "a.writer.example", "mail.example"])
        {
            Learn(gate, name, Shared);
        }

        return gate;
    }

    private static void Learn(TestGate gate, string name, string address) =>
        gate.Engine.Identities.Learn(name, IPAddress.Parse(address), DateTimeOffset.MaxValue);

    private static FqdnAnswer Answer(string name, string address) =>
        new() { Name = name, Addresses = new[] { FqdnAddress.Of(IPAddress.Parse(address), 30) } };
}
