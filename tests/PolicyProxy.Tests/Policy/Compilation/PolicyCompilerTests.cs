using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Tests.Policy.Compilation;

public sealed class PolicyCompilerTests
{
    [Fact]
    public void Compile_ten_thousand_rules_all_decide()
    {
        var exact = RuleTexts.ExactAndPrefix(10_000).ToArray();
        using var gate = new TestGate(RuleTexts.Policy(exact));
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", RuleTexts.Port), out var permit);
        for (var i = 0; i < exact.Length; i += 997)
        {
            var path = exact[i].Replace(".*", "items/42", StringComparison.Ordinal);
            Assert.Equal($"spec.ingress[0].toPorts[0].rules.http[{i}]", gate.Gate.Check(ref permit, new TestRequest("GET", path)).Rule?.RulePath);
        }

        Assert.False(gate.Gate.Check(ref permit, new TestRequest("GET", "/svc10000/api/health")).Allowed);
    }

    [Fact]
    public void Compile_is_deterministic()
    {
        var yaml = RuleTexts.Policy(RuleTexts.General(50).Concat(RuleTexts.ExactAndPrefix(50)));
        using var a = new TestGate(yaml);
        using var b = new TestGate(yaml);
        Assert.Equal(Walk(a), Walk(b));

        static IEnumerable<string> Walk(TestGate gate) =>
            gate.Gate.Explain(gate.Ingress("app=api", "app=web", RuleTexts.Port), new TestRequest("GET", "/svc7/users/1/orders")).Steps.Select(s => s.ToString());
    }

    [Fact]
    public void Compile_contradicting_rules_of_a_known_subject_is_an_error_and_denies_an_unknown_one()
    {
        var yaml = new[] { L7("http: [{path: /}]"), L7("dns: [{matchName: a.test}]") };
        var options = new PolicyCompilerOptions { Subjects = [LabelSet.Parse("app=api")] };
        using var known = new TestGate(options, yaml);
        Assert.Contains(known.First.Diagnostics, d => d.Id == "PP1904");
        using var unknown = new TestGate(yaml);
        Assert.Equal(VerdictReason.PolicyError, unknown.Gate.Connect(unknown.Egress("app=api", "192.0.2.1", 53), out _).Reason);

        static string L7(string rules) => $$$"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: "{{{rules.Length}}}", namespace: default}
            spec:
              endpointSelector: {matchLabels: {app: api}}
              egress:
              - toPorts:
                - ports: [{port: "53", protocol: TCP}]
                  rules: { {{{rules}}} }
            """;
    }

    [Fact]
    public void Compile_denial_of_the_same_peers_and_port_beats_the_allow_it_merges_with()
    {
        using var gate = new TestGate("""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: d, namespace: default}
            spec:
              endpointSelector: {}
              ingress:
              - toPorts: [{ports: [{port: "9092"}]}]
              - fromEndpoints: [{}]
                toPorts: [{ports: [{port: "9092"}]}]
              ingressDeny:
              - toPorts: [{ports: [{port: "9092"}]}]
            """);
        Assert.Equal(VerdictReason.DeniedByRule, gate.Gate.Connect(gate.Ingress("app=api", "app=web", 9092), out _).Reason);
    }

    [Fact]
    public void Compile_host_that_is_no_expression_is_reported_with_its_place()
    {
        using var gate = new TestGate(RuleTexts.Policy(["/x"]).Replace("path: '/x'", "host: 'a('", StringComparison.Ordinal));
        var diagnostic = Assert.Single(gate.First.Diagnostics);
        Assert.Equal(("PP1901", 12), (diagnostic.Id, diagnostic.Line));
        Assert.Null(gate.Engine.Current);
    }

    [Theory]
    [InlineData("toServices: []", false)]
    [InlineData("toServices: []", true)]
    [InlineData("toGroups: []", false)]
    [InlineData("toFQDNs: []", true)]
    public void Compile_empty_egress_list_is_nobody_unless_compatible(string field, bool compatible)
    {
        var yaml = $$"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: e, namespace: default}
            spec:
              endpointSelector: {}
              egress:
              - {{field}}
                toPorts: [{ports: [{port: "443", protocol: TCP}]}]
            """;
        using var gate = new TestGate(new PolicyCompilerOptions { CiliumCompatible = compatible }, yaml);
        Assert.Equal(compatible, gate.Gate.Connect(gate.Egress("app=api", "192.0.2.1", 443), out _).Allowed);
    }
}
