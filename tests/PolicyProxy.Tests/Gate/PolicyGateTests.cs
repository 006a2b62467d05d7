using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Tests.Gate;

public sealed class PolicyGateTests
{
    private const string Api = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: api, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - fromEndpoints: [{matchLabels: {app: web}}]
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules:
                http:
                - {method: GET, path: "/api/v1/.*"}
                - {method: GET, path: "/public/.*"}
        """;

    [Fact]
    public void Verdict_default_is_a_denial()
    {
        Assert.False(default(Verdict).Allowed);
        Assert.False(default(ConnectionPermit).IsAllowed);
        Assert.Empty(default(Verdict).HeaderEdits);
    }

    [Fact]
    public void Gate_without_published_policy_denies()
    {
        using var engine = new PolicyEngine(new());
        var gate = new PolicyGate(engine, new FlowPublisher(), TimeProvider.System);
        var tuple = new ConnectionTuple
        {
            Direction = TrafficDirection.Ingress,
            Subject = engine.Identities.GetWorkload(LabelSet.Parse("app=api")),
            Peer = engine.Identities.GetWorkload(LabelSet.Parse("app=web")),
            Protocol = TransportProtocol.Tcp,
            Port = 80,
        };
        Assert.False(gate.Connect(tuple, out var permit).Allowed);
        Assert.False(gate.Check(ref permit, new TestRequest("GET", "/")).Allowed);
    }

    [Theory]
    [InlineData("GET", "/api/v1/items", true)]
    [InlineData("POST", "/api/v1/items", false)]
    [InlineData("GET", "/api/v2/items", false)]
    [InlineData("GET", "/api/v1/items?q=1", true)]
    public void Check_http_request_follows_the_rules(string method, string path, bool allowed)
    {
        using var gate = new TestGate(Api);
        Assert.Empty(gate.First.Diagnostics);
        var connect = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        Assert.True(connect.NeedsRequestCheck);
        var verdict = gate.Gate.Check(ref permit, new TestRequest(method, path));
        Assert.Equal(allowed, verdict.Allowed);
        Assert.Equal(allowed ? VerdictReason.AllowedByRule : VerdictReason.NoRuleMatched, verdict.Reason);
        Assert.Equal(allowed ? "spec.ingress[0].toPorts[0].rules.http[0]" : null, verdict.Rule?.RulePath);
        Assert.Equal(allowed ? 12 : null, verdict.Rule?.Line);
    }

    [Fact]
    public void Check_path_that_servers_read_differently_is_ambiguous_unless_both_forms_are_allowed()
    {
        using var gate = new TestGate(Api);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        Assert.Equal(VerdictReason.AmbiguousRequest, gate.Gate.Check(ref permit, new TestRequest("GET", "/api/v1/../../admin")).Reason);
        Assert.Equal(VerdictReason.AmbiguousRequest, gate.Gate.Check(ref permit, new TestRequest("GET", "/api/v1/x#y")).Reason);
        Assert.True(gate.Gate.Check(ref permit, new TestRequest("GET", "/api/v1//x")).Allowed);
    }

    [Fact]
    public void Connect_from_a_stranger_is_a_default_denial_with_the_nearest_rule()
    {
        using var gate = new TestGate(Api).Observed();
        var tuple = gate.Ingress("app=api", "app=stranger", 8080);
        var verdict = gate.Gate.Connect(tuple, out var permit);
        Assert.Equal(VerdictReason.DefaultDeny, verdict.Reason);
        Assert.False(gate.Gate.Check(ref permit, new TestRequest("GET", "/api/v1/x")).Allowed);
        var explanation = gate.Gate.Explain(tuple);
        Assert.Contains("app in (web)", explanation.Nearest!.Missed, StringComparison.Ordinal);
    }

    [Fact]
    public void Flow_of_a_denied_request_names_the_nearest_rule_and_what_missed()
    {
        using var gate = new TestGate(Api).Observed();
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        var request = new TestRequest("POST", "/public/x");
        _ = gate.Gate.Check(ref permit, request);
        gate.Gate.Complete(permit, request, 403, TimeSpan.FromMilliseconds(2));
        var flows = gate.Flows();
        Assert.Equal([FlowVerdict.Redirected, FlowVerdict.Dropped, FlowVerdict.Forwarded], flows.Select(f => f.Verdict));
        Assert.Equal("spec.ingress[0].toPorts[0].rules.http[1]", flows[1].Nearest!.Rule.RulePath);
        Assert.Equal("method \"POST\" does not match \"GET\"", flows[1].Nearest!.Missed);
        Assert.True(flows[2].IsReply);
        Assert.Equal(403, ((HttpRecord)flows[2].L7!).Code);
    }

    [Fact]
    public void Every_flow_of_a_connection_names_its_process()
    {
        using var gate = new TestGate(Api).Observed();
        var curl = new WorkloadProcess { Id = 7, Command = "curl", UserId = 0, CgroupId = 3 };
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080) with { Process = curl }, out var permit);
        var request = new TestRequest("POST", "/public/x");
        _ = gate.Gate.Check(ref permit, request);
        gate.Gate.Complete(permit, request, 403, TimeSpan.Zero);
        Assert.Equal([curl, curl, curl], gate.Flows().Select(static flow => flow.Process));
    }

    [Fact]
    public void Permit_follows_a_new_policy_at_the_next_request()
    {
        using var gate = new TestGate(Api);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        var request = new TestRequest("GET", "/api/v1/x");
        Assert.True(gate.Gate.Check(ref permit, request).Allowed);
        gate.Update(Api.Replace("/api/v1/", "/api/v2/", StringComparison.Ordinal));
        Assert.False(gate.Gate.Check(ref permit, request).Allowed);
        Assert.Equal(2UL, permit.Revision);
    }

    [Fact]
    public void Engine_keeps_the_last_good_policy_when_an_update_is_broken()
    {
        using var gate = new TestGate(Api);
        var reported = 0;
        gate.Engine.Compiled += (_, c) => reported += c.Succeeded ? 0 : c.Diagnostics.Count;
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        gate.Update(Api.Replace("/public/.*", "/public/(", StringComparison.Ordinal));
        Assert.Equal(1, reported);
        Assert.True(gate.Gate.Check(ref permit, new TestRequest("GET", "/public/x")).Allowed);
        Assert.Equal(1UL, permit.Revision);
    }

    [Fact]
    public void Check_allocates_nothing_when_nobody_observes()
    {
        using var gate = new TestGate(Api);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        var requests = new[] { new TestRequest("GET", "/api/v1/items/42"), new TestRequest("POST", "/api/v1/x"), new TestRequest("GET", "/a/../b") };
        Run(1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                _ = gate.Gate.Check(ref permit, requests[i % requests.Length]);
            }
        }
    }

    [Fact]
    public void Check_dns_and_server_name_allocate_nothing_when_nobody_observes()
    {
        using var gate = new TestGate("""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: e, namespace: default}
            spec:
              endpointSelector: {}
              egress:
              - toPorts:
                - ports: [{port: "53", protocol: TCP}]
                  rules: {dns: [{matchPattern: "*.example.com"}]}
                - ports: [{port: "443", protocol: TCP}]
                  serverNames: ["*.example.com"]
            """);
        _ = gate.Gate.Connect(gate.Egress("app=api", "192.0.2.1", 53), out var dns);
        _ = gate.Gate.Connect(gate.Egress("app=api", "192.0.2.1", 443), out var tls);
        Assert.True(Run(100));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        bool Run(int times)
        {
            var right = true;
            for (var i = 0; i < times; i++)
            {
                right &= gate.Gate.Check(ref dns, new PolicyProxy.Protocols.Dns.DnsQuery("www.example.com", 1)).Allowed;
                right &= gate.Gate.CheckServerName(ref tls, "www.example.com").Allowed;
                right &= !gate.Gate.CheckServerName(ref tls, "www.example.org").Allowed;
            }

            return right;
        }
    }

    [Fact]
    public void Explain_agrees_with_check_and_walks_every_rule()
    {
        using var gate = new TestGate(Api);
        var tuple = gate.Ingress("app=api", "app=web", 8080);
        var explanation = gate.Gate.Explain(tuple, new TestRequest("POST", "/api/v1/x"));
        Assert.False(explanation.Final.Allowed);
        Assert.Equal(L7Kind.Http, explanation.Kind);
        Assert.Equal(2, explanation.Steps.Count(s => s.Stage == "http" && s.Outcome == StepOutcome.Misses));
        Assert.Equal(12, explanation.Nearest!.Rule.Line);
        Assert.True(gate.Gate.Explain(tuple, new TestRequest("GET", "/api/v1/x")).Final.Allowed);
    }
}
