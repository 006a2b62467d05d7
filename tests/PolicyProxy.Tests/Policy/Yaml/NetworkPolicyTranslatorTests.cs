using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Tests.Policy.Yaml;

public sealed class NetworkPolicyTranslatorTests
{
    private const string Namespace = "k8s:io.kubernetes.pod.namespace=shop";
    private const string Cluster = "k8s:io.cilium.k8s.policy.cluster=default";

    [Fact]
    public void NetworkPolicyTranslator_subject_keys_are_kubernetes_labels_in_the_forced_namespace()
    {
        var rule = Translate("{podSelector: {matchLabels: {app: web, io.kubernetes.pod.namespace: other}}}");

        Assert.Equal(["k8s:app=web", Namespace], Labels(rule.EndpointSelector!));
        Assert.Equal((true, true, true), (rule.SelectorsAreScoped, rule.DefaultDenyIngress, rule.DefaultDenyEgress));
    }

    [Theory]
    [InlineData("", 1, 0)]
    [InlineData("policyTypes: [Ingress]", 1, 0)]
    [InlineData("policyTypes: [Egress]", 0, 1)]
    [InlineData("policyTypes: [Ingress, Egress]", 1, 1)]
    public void NetworkPolicyTranslator_direction_without_rules_gets_a_placeholder_by_policy_type(string types, int ingress, int egress)
    {
        var rule = Translate($"{{podSelector: {{}}, {types}}}");

        Assert.Equal((ingress, egress), (rule.Ingress.Count, rule.Egress.Count));
        Assert.All(rule.Ingress.Concat(rule.Egress), static r => Assert.Empty(r.Endpoints!));
    }

    [Fact]
    public void NetworkPolicyTranslator_rules_of_a_direction_that_policyTypes_leaves_out_still_apply()
    {
        var rule = Translate("{podSelector: {}, policyTypes: [Egress], ingress: [{from: [{podSelector: {}}]}]}");

        Assert.Equal([Namespace, Cluster], Labels(rule.Ingress[0].Endpoints![0]));
        Assert.Empty(rule.Egress[0].Endpoints!);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{from: []}")]
    public void NetworkPolicyTranslator_no_peers_means_everybody(string ingress)
    {
        var rule = Assert.Single(Translate($"{{podSelector: {{}}, ingress: [{ingress}]}}").Ingress);

        Assert.Equal("all", Assert.Single(rule.Entities!).Value);
        Assert.Null(rule.ToPorts);
    }

    [Fact]
    public void NetworkPolicyTranslator_peers_become_rules_of_their_own()
    {
        var rules = Translate("""
            {podSelector: {}, egress: [{to: [
              {podSelector: {matchLabels: {app: db}}},
              {namespaceSelector: {matchLabels: {env: prod}}, podSelector: {matchExpressions: [{key: tier, operator: Exists}]}},
              {namespaceSelector: {}},
              {podSelector: {matchLabels: {io.cilium.k8s.policy.cluster: west}}},
              {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}
            """).Egress;

        Assert.Equal(5, rules.Count);
        Assert.Equal(["k8s:app=db", Namespace, Cluster], Labels(rules[0].Endpoints![0]));
        Assert.Equal(["k8s:io.cilium.k8s.namespace.labels.env=prod", Cluster], Labels(rules[1].Endpoints![0]));
        Assert.Equal("k8s:tier", Assert.Single(rules[1].Endpoints![0].MatchExpressions).Key.Value);
        Assert.Equal([Cluster], Labels(rules[2].Endpoints![0]));
        var exists = Assert.Single(rules[2].Endpoints![0].MatchExpressions);
        Assert.Equal(("k8s:io.kubernetes.pod.namespace", "Exists"), (exists.Key.Value, exists.Operator.Value));
        Assert.Equal(["k8s:io.cilium.k8s.policy.cluster=west", Namespace], Labels(rules[3].Endpoints![0]));
        Assert.Equal(("10.0.0.0/8", "10.1.0.0/16"), (rules[4].CidrSets![0].Cidr?.Value, rules[4].CidrSets![0].Except[0].Value));
    }

    [Fact]
    public void NetworkPolicyTranslator_port_defaults_are_tcp_and_every_port()
    {
        var rule = Assert.Single(Translate("{podSelector: {}, ingress: [{ports: [{port: 80}, {port: http, protocol: UDP}, {protocol: SCTP}, {port: 1, endPort: 9}]}]}").Ingress);

        Assert.Equal(
            [("80", 0, "TCP"), ("http", 0, "UDP"), ("0", 0, "SCTP"), ("1", 9, "TCP")],
            rule.ToPorts!.Select(static p => (p.Ports[0].Port.Value, p.Ports[0].EndPort, p.Ports[0].Protocol.Value)));
    }

    [Fact]
    public void NetworkPolicyTranslator_cluster_name_comes_from_the_options()
    {
        var rule = Translate("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}", PolicyReadOptions.Default with { ClusterName = "west" });

        Assert.Contains("k8s:io.cilium.k8s.policy.cluster=west", Labels(rule.Ingress[0].Endpoints![0]));
    }

    private static PolicyRule Translate(string spec, PolicyReadOptions? options = null) => Assert.Single(
        ReadingHarness.ReadOne($"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: shop}}\nspec:\n  {spec.Replace("\n", "\n  ")}\n", options).Rules);

    private static IEnumerable<string> Labels(SelectorSpec selector) => selector.MatchLabels.Select(static l => $"{l.Key.Value}={l.Value.Value}");
}
