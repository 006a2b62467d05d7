using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation.Validation;

namespace PolicyProxy.Tests.Policy.Compilation.Validation;

public sealed class PolicyValidatorTests
{
    [Theory]
    [InlineData("ingress: [{fromNodes: [{}]}]")]
    [InlineData("ingress: [{toPorts: [{ports: [{protocol: gre}]}]}]")]
    [InlineData("ingress: [{toPorts: [{ports: [{port: \"0\", protocol: ESP}]}]}]")]
    public void PolicyValidator_switched_on_features_are_accepted(string spec)
    {
        var on = new PolicyValidationOptions { NodeSelectors = true, ExtendedProtocols = true };

        Assert.Contains(ReadingHarness.Diagnose(ReadingHarness.Policy(spec)), static d => d.Severity == DiagnosticSeverity.Error);
        Assert.DoesNotContain(ReadingHarness.Diagnose(ReadingHarness.Policy(spec), validation: on), static d => d.Severity == DiagnosticSeverity.Error);
    }

    [Theory]
    [InlineData("ingress: [{icmps: [{fields: [{type: 8}]}]}]", PolicyDiagnosticIds.IcmpDisabled)]
    [InlineData("ingress: [{toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{}]}}]}]", PolicyDiagnosticIds.L7Disabled)]
    public void PolicyValidator_switched_off_features_are_refused(string spec, string id)
    {
        var off = new PolicyValidationOptions { IcmpRules = false, L7Rules = false };

        Assert.Equal(id, Assert.Single(ReadingHarness.Diagnose(ReadingHarness.Policy(spec), validation: off)).Id);
        Assert.Empty(ReadingHarness.Diagnose(ReadingHarness.Policy(spec)));
    }

    [Fact]
    public void PolicyValidator_every_problem_of_an_object_is_reported()
    {
        var ids = ReadingHarness.Diagnose(ReadingHarness.Policy("""
            ingress:
            - fromEntities: [moon, sun]
            - fromCIDR: [10.0.0.0]
              fromEndpoints: [{matchExpressions: [{key: "a b", operator: Like, values: ["x y"]}]}]
            """)).Select(static d => d.Id);

        Assert.Equal(
            [
                PolicyDiagnosticIds.UnknownEntity, PolicyDiagnosticIds.UnknownEntity, PolicyDiagnosticIds.PeerKindsCombined, PolicyDiagnosticIds.LabelKey,
                PolicyDiagnosticIds.SelectorOperator, PolicyDiagnosticIds.LabelValue, PolicyDiagnosticIds.CidrSyntax,
            ],
            ids);
    }

    [Theory]
    [InlineData("ingress: [{toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{host: \"a(\"}]}}]}]")]
    [InlineData("egress: [{toPorts: [{ports: [{port: \"53\"}], rules: {dns: [{matchName: a, matchPattern: b}]}}]}]")]
    [InlineData("egress: [{toPorts: [{ports: [{port: dns, protocol: UDP}], rules: {dns: [{matchPattern: \"*\"}]}}]}]")]
    [InlineData("egress: [{toCIDRSet: [{cidrGroupRef: g, except: [10.0.0.0/8]}]}]")]
    [InlineData("egress: [{toServices: [{k8sService: {serviceName: db}}], toPorts: [{ports: [{port: \"5432\"}]}]}]")]
    [InlineData("egress: [{toPorts: [{ports: [{port: \"443\"}], serverNames: [\"*.example\"]}]}]")]
    [InlineData("ingress: [{}]")]
    public void PolicyValidator_unusual_but_valid_rules_pass_without_remark(string spec) =>
        Assert.Empty(ReadingHarness.Diagnose(ReadingHarness.Policy(spec)));

    [Theory]
    [InlineData("ingress: [{}, {icmps: []}]")]
    [InlineData("ingress: [{toPorts: []}]")]
    public void PolicyValidator_empty_lists_without_effect_pass_without_remark(string spec) =>
        Assert.Empty(ReadingHarness.Diagnose(ReadingHarness.Policy(spec)));

    [Theory]
    [InlineData("{service: shop.v1.Orders, method: Get}", true)]
    [InlineData("{service: shop.*}", true)]
    [InlineData("{service: \"*.Orders\", method: \"*\"}", true)]
    [InlineData("{service: \"shop.*.Orders\"}", false)]
    [InlineData("{method: \"a.b\"}", false)]
    [InlineData("{metadata: {Tenant: x}}", false)]
    [InlineData("{metadata: {grpc-timeout: x}}", false)]
    [InlineData("{metadata: {tenant-id: x}}", true)]
    public void PolicyValidator_grpc_names_are_exact_or_open_at_one_end(string rule, bool valid)
    {
        var text = ReadingHarness.Policy(
            $"ingress: [{{toPorts: [{{ports: [{{port: \"50051\", protocol: TCP}}], rules: {{grpc: [{rule}]}}}}]}}]",
            "apiVersion: policyproxy.dev/v1alpha1\nkind: L7NetworkPolicy");

        Assert.Equal(valid, ReadingHarness.Diagnose(text).Count == 0);
    }

    [Fact]
    public void PolicyValidator_group_with_a_bad_prefix_is_refused()
    {
        var diagnostics = ReadingHarness.Diagnose("apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: g}\nspec: {externalCIDRs: [10.0.0.0/8, 10.0.0.0]}\n");

        Assert.Equal("policy.yaml:4:36: error PP1111: \"10.0.0.0\" is not an address prefix. Fix: write 10.0.0.0/32 for this one address", Assert.Single(diagnostics).ToString());
    }
}
