using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation.Lint;

namespace PolicyProxy.Tests.Policy.Compilation.Lint;

public sealed class PolicyLinterTests
{
    private const string Dns = "- toPorts: [{ports: [{port: \"53\", protocol: ANY}], rules: {dns: [{matchPattern: \"*\"}]}}]";

    [Theory]
    [InlineData("{method: GET, path: /a}, {method: GET, path: /a}")]
    [InlineData("{method: GET}, {method: GET, path: /a}")]
    [InlineData("{method: GET, path: /a}, {path: '/a(b)?'}, {method: GET}")]
    [InlineData("{method: GET|HEAD, path: '/api/.*'}, {method: GET, path: /api/health}")]
    [InlineData("{}, {path: /a}")]
    [InlineData("{headers: [X-A]}, {headers: [X-B, X-A]}")]
    public void PolicyLinter_http_rule_covered_by_another_is_reported(string rules) =>
        Assert.Contains(LintIds.ShadowedRule, LintHarness.HttpIds(rules));

    [Theory]
    [InlineData("{method: GET, path: /a}, {method: POST, path: /a}")]
    [InlineData("{method: GET, path: '/api/.*'}, {path: /api/health}")]
    [InlineData("{path: '/ap[a-z]'}, {path: /api}")]
    [InlineData("{headers: [X-A]}, {path: /a}")]
    [InlineData("{path: /a}, {path: /a, headerMatches: [{name: x, value: '1', mismatch: REPLACE}]}")]
    public void PolicyLinter_http_rule_that_can_decide_is_not_reported(string rules) =>
        Assert.DoesNotContain(LintIds.ShadowedRule, LintHarness.HttpIds(rules));

    [Fact]
    public void PolicyLinter_equal_http_rules_are_reported_once_at_the_later_one()
    {
        var found = LintHarness.Run(ReadingHarness.Policy("""
            ingress:
            - toPorts:
              - ports: [{port: "80", protocol: TCP}]
                rules:
                  http:
                  - {method: GET, path: /a}
                  - {method: GET, path: /a}
            """));

        var lint = Assert.Single(found, d => d.Id == LintIds.ShadowedRule);
        Assert.Contains("http[0]", lint.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{path: '/api[.]json'}")]
    [InlineData("{path: '/v1/.*'}")]
    [InlineData("{path: '/a\\?b=1'}")]
    [InlineData("{method: 'GET|HEAD', path: '/x(/.*)?', host: 'api\\.shop'}")]
    [InlineData("{headers: ['X-A: b', ':scheme', 'X-A']}")]
    public void PolicyLinter_careful_http_rule_has_no_finding(string rule) => Assert.Empty(LintHarness.HttpIds(rule));

    [Theory]
    [InlineData("a.b", "\"axb\"", "host: 'a\\.b'")]
    [InlineData("a\\.b.c", "\"a.bxc\"", "host: 'a\\.b\\.c'")]
    [InlineData("\\\\.a", "\"\\\\xa\"", "host: '\\\\\\.a'")]
    [InlineData("[.]a.b", "\"[.]axb\"", "host: '[.]a\\.b'")]
    public void PolicyLinter_unescaped_dot_shows_a_host_that_is_allowed_too(string host, string example, string fix)
    {
        var rule = $"ingress: [{{toPorts: [{{ports: [{{port: \"80\", protocol: TCP}}], rules: {{http: [{{host: '{host}'}}]}}}}]}}]";

        var lint = Assert.Single(LintHarness.Run(ReadingHarness.Policy(rule)), d => d.Id == LintIds.UnescapedDot);
        Assert.Contains(example, lint.Message, StringComparison.Ordinal);
        Assert.Equal(fix, lint.Fix);
    }

    [Theory]
    [InlineData("ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]")]
    [InlineData("egress: [{}]", LintIds.IsolatesOnly)]
    [InlineData("egress: [{toCIDR: [203.0.113.0/24]}]")]
    [InlineData("egress: [{toEntities: [all]}]")]
    [InlineData("enableDefaultDeny: {egress: false}\negress: [{toEndpoints: [{matchLabels: {app: db}}]}]")]
    public void PolicyLinter_egress_that_needs_no_names_or_has_dns_is_not_reported(string spec, params string[] expected) =>
        Assert.Equal(expected, LintHarness.Ids(spec));

    [Fact]
    public void PolicyLinter_dns_allowed_by_another_policy_for_every_pod_counts()
    {
        var policies = ReadingHarness.Policy("egress: [{toEndpoints: [{matchLabels: {app: db}}]}]") + "\n---\n" + """
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: dns, namespace: shop}
            spec:
              endpointSelector: {}
              egress:
            """ + "\n  " + Dns + "\n";

        Assert.DoesNotContain(LintHarness.Run(policies), d => d.Id == LintIds.EgressWithoutDns);
    }

    [Theory]
    [InlineData("a.example.com", "matchName: A.example.com.", true)]
    [InlineData("a.example.com", "matchPattern: '*.example.com'", true)]
    [InlineData("a.b.example.com", "matchPattern: '*.example.com'", false)]
    [InlineData("a.b.example.com", "matchPattern: '**.example.com'", true)]
    [InlineData("example.com", "matchPattern: '**.example.com'", false)]
    [InlineData("api-1.example.com", "matchPattern: 'api-*.example.com'", true)]
    [InlineData("a.example.com", "matchPattern: '*'", true)]
    [InlineData("a.example.com", "matchName: b.example.com", false)]
    public void PolicyLinter_fqdn_is_reported_unless_a_dns_rule_admits_it(string name, string rule, bool admitted)
    {
        var spec = $"egress:\n- toFQDNs: [{{matchName: {name}}}]\n" + Dns.Replace("matchPattern: \"*\"", rule, StringComparison.Ordinal);

        Assert.Equal(admitted, !LintHarness.Ids(spec).Contains(LintIds.FqdnWithoutDnsRule));
    }

    [Theory]
    [InlineData("*.com", true)]
    [InlineData("**.co.uk", true)]
    [InlineData("*.s3.amazonaws.com", true)]
    [InlineData("*.example.com", false)]
    [InlineData("*.local", false)]
    [InlineData("*", false)]
    public void PolicyLinter_wildcard_below_a_public_name_is_reported(string pattern, bool reported)
    {
        var spec = $"egress:\n- toFQDNs: [{{matchPattern: '{pattern}'}}]\n{Dns}";

        Assert.Equal(reported, LintHarness.Ids(spec).Contains(LintIds.PublicSuffixWildcard));
    }

    [Fact]
    public void PolicyLinter_annotation_switches_ids_off_for_its_object()
    {
        const string Policy = """
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata:
              name: p
              namespace: shop
              annotations: {policyproxy.dev/ignore-lints: "PP2105, PP2106"}
            spec:
              endpointSelector: {matchLabels: {app: api}}
              ingress: [{toPorts: [{ports: [{port: "8080", protocol: TCP}], rules: {http: [{host: api, path: "a?b=1"}]}}]}]
            """;

        Assert.Equal([LintIds.QueryMark], LintHarness.Run(Policy).Select(d => d.Id));
    }

    [Fact]
    public void PolicyLinter_network_policy_placeholders_are_not_reported()
    {
        const string Policy = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: deny, namespace: shop}
            spec:
              podSelector: {}
              policyTypes: [Ingress, Egress]
            """;

        Assert.Empty(LintHarness.Run(Policy));
    }

    [Fact]
    public void PolicyLinter_findings_are_in_line_order_and_never_errors()
    {
        var found = LintHarness.Run(ReadingHarness.Policy("""
            ingress:
            - toPorts:
              - ports: [{port: "8080", protocol: TCP}]
                rules:
                  http:
                  - {method: get, path: "api/*", host: "a.b"}
                  - {path: "/.*"}
            """));

        Assert.True(found.Count >= 4);
        Assert.Equal(found.OrderBy(d => d.Line).ThenBy(d => d.Column), found);
        Assert.All(found, d => Assert.NotEqual(DiagnosticSeverity.Error, d.Severity));
    }
}
