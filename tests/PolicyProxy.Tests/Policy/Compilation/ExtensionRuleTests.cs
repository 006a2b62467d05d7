using PolicyProxy.Protocols.Dns;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Tests.Policy.Compilation;

public sealed class ExtensionRuleTests
{
    [Theory]
    [InlineData("POST", "/shop.Cart/GetItem", "application/grpc", true)]
    [InlineData("POST", "/shop.Cart/GetItem", "application/grpc+proto", true)]
    [InlineData("POST", "/shop.Cart/GetItem", "text/plain", false)]
    [InlineData("POST", "/shop.Cart/Add", "application/grpc", false)]
    [InlineData("GET", "/shop.Cart/GetItem", "application/grpc", false)]
    [InlineData("POST", "/shopXCart/GetItem", "application/grpc", false)]
    [InlineData("POST", "/health.Health/Check", "application/grpc", true)]
    [InlineData("POST", "/health.Health/Check/x", "application/grpc", false)]
    public void Grpc_rule_allows_the_named_calls_only(string method, string path, string contentType, bool allowed)
    {
        using var gate = new TestGate(Extension("ingress", "fromEntities: [all]", "8080", "TCP", "grpc: [{service: shop.Cart, method: 'Get*'}, {service: health.Health}]"));
        Assert.Empty(gate.First.Diagnostics);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        Assert.Equal(allowed, gate.Gate.Check(ref permit, new TestRequest(method, path, "api", ("content-type", contentType))).Allowed);
    }

    [Fact]
    public void Grpc_rules_give_the_verdicts_of_the_path_rules_they_stand_for()
    {
        string[] packages = ["shop.Cart", "shop.v1.Cart", "shop.Carts", "shopXCart", "Cart", "a_b.C1"];
        string[] names = ["Get", "GetItem", "List", "Add", "get"];
        (string Pattern, string Regex)[] services =
            [("shop.Cart", @"shop\\.Cart"), ("shop.*", @"shop\\.[^/]*"), ("*.Cart", @"[^/]*\\.Cart"), ("*", "[^/]*"), ("a_b.C1", @"a_b\\.C1"), ("", "[^/]+")];
        (string Pattern, string Regex)[] methods = [("GetItem", "GetItem"), ("Get*", "Get[^/]*"), ("*Item", "[^/]*Item"), ("*", "[^/]*"), ("", "[^/]+")];
        (string Name, string Value)[] tenants = [("tenant", "blue"), ("tenant", "red"), ("other", "blue")];
        var (allowed, denied) = (0, 0);
        foreach (var service in services)
        {
            foreach (var method in methods)
            {
                foreach (var tenant in new[] { "", "blue" })
                {
                    using var grpc = new TestGate(Extension("ingress", "fromEntities: [all]", "8080", "TCP", $"grpc: [{{{Part("service", service.Pattern)}{Part("method", method.Pattern)}metadata: {{{Part("tenant", tenant)}}}}}]"));
                    using var http = new TestGate(Extension("ingress", "fromEntities: [all]", "8080", "TCP", $"http: [{{method: POST, path: \"/{service.Regex}/{method.Regex}\"{(tenant.Length == 0 ? "" : $", headers: [\"tenant {tenant}\"]")}}}]"));
                    Assert.Empty(grpc.First.Diagnostics);
                    Assert.True(http.First.Succeeded);
                    _ = grpc.Gate.Connect(grpc.Ingress("app=api", "app=web", 8080), out var grpcPermit);
                    _ = http.Gate.Connect(http.Ingress("app=api", "app=web", 8080), out var httpPermit);
                    foreach (var path in packages.SelectMany(package => names.SelectMany(name => new[] { $"/{package}/{name}", $"/{package}/{name}/x", $"//{package}/{name}", $"/{package}", $"/{package}/", $"/{package}/{name}?q" })))
                    {
                        foreach (var (name, value) in tenants)
                        {
                            var request = new TestRequest("POST", path, "api", ("content-type", "application/grpc"), (name, value));
                            var expected = http.Gate.Check(ref httpPermit, request);
                            var actual = grpc.Gate.Check(ref grpcPermit, request);
                            Assert.True((expected.Allowed, expected.Reason) == (actual.Allowed, actual.Reason), $"{service.Pattern}/{method.Pattern} {tenant}: {path} {name}={value}");
                            _ = expected.Allowed ? allowed++ : denied++;
                        }
                    }
                }
            }
        }

        Assert.True(allowed > 1000 && denied > 1000, $"{allowed} allowed, {denied} denied");
    }

    [Theory]
    [InlineData("www.example.com", (ushort)1, true)]
    [InlineData("WWW.Example.com.", (ushort)28, true)]
    [InlineData("www.example.com", (ushort)16, false)]
    [InlineData("example.com", (ushort)1, false)]
    public void Dns_rule_with_query_types_allows_those_types_only(string name, ushort type, bool allowed)
    {
        using var gate = new TestGate(Extension("egress", "toEntities: [world]", "53", "UDP", "dns: [{matchPattern: '*.example.com', queryTypes: [A, AAAA]}]"));
        Assert.Empty(gate.First.Diagnostics);
        var tuple = gate.Egress("app=api", "192.0.2.53", 53) with { Protocol = PolicyProxy.Policy.Identities.TransportProtocol.Udp };
        _ = gate.Gate.Connect(tuple, out var permit);
        Assert.Equal(allowed, gate.Gate.Check(ref permit, new DnsQuery(name, type)).Allowed);
    }

    [Fact]
    public void Extension_policy_merges_with_cilium_policies()
    {
        using var gate = new TestGate(
            Extension("ingress", "fromEntities: [all]", "8080", "TCP", "grpc: [{service: shop.Cart}]"),
            Extension("ingress", "fromEntities: [all]", "8080", "TCP", "http: [{method: GET, path: /healthz}]").Replace("policyproxy.dev/v1alpha1", "cilium.io/v2", StringComparison.Ordinal).Replace("L7NetworkPolicy", "CiliumNetworkPolicy", StringComparison.Ordinal));
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        Assert.True(gate.Gate.Check(ref permit, new TestRequest("GET", "/healthz")).Allowed);
        Assert.True(gate.Gate.Check(ref permit, new TestRequest("POST", "/shop.Cart/Add", "api", ("content-type", "application/grpc"))).Allowed);
        Assert.False(gate.Gate.Check(ref permit, new TestRequest("GET", "/")).Allowed);
    }

    private static string Part(string name, string value) => value.Length == 0 ? "" : $"{name}: '{value}', ";

    private static string Extension(string direction, string peers, string port, string protocol, string rules) => $$"""
        apiVersion: policyproxy.dev/v1alpha1
        kind: L7NetworkPolicy
        metadata: {name: x, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: api} }
          {{direction}}:
          - {{peers}}
            toPorts:
            - ports: [{port: "{{port}}", protocol: {{protocol}}}]
              rules: { {{rules}} }
        """;
}
