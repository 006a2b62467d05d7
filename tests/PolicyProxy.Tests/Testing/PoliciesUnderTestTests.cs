using System.Net;
using PolicyProxy.Testing;

namespace PolicyProxy.Tests.Testing;

public sealed class PoliciesUnderTestTests
{
    private const string Policy =
        """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: web, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: web}}
          ingress:
          - fromEndpoints: [{matchLabels: {app: front}}]
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules: {http: [{method: GET, path: /shop}]}
          egress:
          - toFQDNs: [{matchName: api.example.com}]
            toPorts:
            - ports: [{port: "443", protocol: TCP}]
              rules: {http: [{method: GET, path: /orders}]}
          - toEndpoints: [{matchLabels: {app: cart}}]
            toPorts:
            - ports: [{port: "5000", protocol: TCP}]
              rules: {http: [{method: POST, path: /shop\.Cart/GetItem, headers: [content-type application/grpc]}]}
          - toFQDNs: [{matchName: tls.example.com}]
            toPorts:
            - ports: [{port: "443", protocol: TCP}]
              serverNames: [tls.example.com]
          - toCIDR: [192.0.2.5/32]
            toPorts:
            - ports: [{port: "5432", protocol: TCP}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: cart, namespace: default, labels: {app: cart}}
        status: {podIP: 10.0.0.1}
        """;

    private static readonly string[] s_calls =
        ["GET https://api.example.com/orders", "GRPC http://cart:5000/shop.Cart/GetItem", "GET https://tls.example.com/", "tcp://192.0.2.5:5432"];

    [Fact]
    public void Calls_are_judged_as_by_the_doors()
    {
        using var policies = Read(Policy);
        var web = policies.Workload("app=web");
        Assert.All(s_calls, web.MayCall);
        web.MayNotCall("POST https://api.example.com/orders");
        web.MayNotCall("GET https://api.example.com/orders/1");
        web.MayNotCall("GET https://evil.example.com/orders");
        web.MayNotCall("GET http://api.example.com/orders");
        web.MayNotCall("POST http://cart:5000/shop.Cart/GetItem"); // no gRPC
        web.MayNotCall("GET http://localhost:5000/");
        web.MayBeCalledBy("app=front", "GET http://web:8080/shop");
        web.MayNotBeCalledBy("app=front", "GET http://web:8081/shop");
        web.MayNotBeCalledBy("app=front", "GET http://web:8080/shop", "other");
        web.MayNotBeCalledBy("app=cart", "GET http://web:8080/shop");
    }

    [Fact]
    public void Failed_assertion_names_the_nearest_rule()
    {
        using var policies = Read(Policy);
        var web = policies.Workload("app=web");
        var denied = Assert.Throws<PolicyAssertionException>(() => web.MayCall("POST https://api.example.com/orders"));
        Assert.Contains("app=web may not make the call: POST https://api.example.com/orders", denied.Message, StringComparison.Ordinal);
        Assert.Contains("spec.egress[0].toPorts[0].rules.http[0] (inline:", denied.Message, StringComparison.Ordinal);
        Assert.Contains("method \"POST\" does not match \"GET\"", denied.Message, StringComparison.Ordinal);
        Assert.Throws<PolicyAssertionException>(() => web.MayNotCall(s_calls[0]));
        Assert.Throws<PolicyAssertionException>(() => web.MayBeCalledBy("app=cart", "GET http://web:8080/shop"));
        Assert.Throws<PolicyAssertionException>(() => web.MayNotBeCalledBy("app=front", "GET http://web:8080/shop"));
    }

    [Fact]
    public void MayOnlyCall_finds_the_rule_for_more_and_the_pattern_for_more()
    {
        using var policies = Read(Policy);

        // A passed-through TLS connection carries any path, so it is listed as the connection it is.
        var exact = Policy.Replace("  - toFQDNs: [{matchName: tls.example.com}]", "  - toCIDR: [192.0.2.6/32]", StringComparison.Ordinal)
            .Replace("      serverNames: [tls.example.com]\n", string.Empty, StringComparison.Ordinal);
        using var only = Read(exact);
        string[] calls = [s_calls[0], s_calls[1], s_calls[3], "tcp://192.0.2.6:443"];
        only.Workload("app=web").MayOnlyCall(calls);

        var unused = Assert.Throws<PolicyAssertionException>(() => only.Workload("app=web").MayOnlyCall(calls[..3]));
        Assert.Contains("spec.egress[2]", unused.Message, StringComparison.Ordinal);

        using var wide = Read(exact.Replace("path: /orders", "path: /orders.*", StringComparison.Ordinal));
        var pattern = Assert.Throws<PolicyAssertionException>(() => wide.Workload("app=web").MayOnlyCall(calls));
        Assert.Contains("https://api.example.com/ordersx", pattern.Message.Replace(":443", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);

        var open = Assert.Throws<PolicyAssertionException>(() => only.Workload("app=nobody").MayOnlyCall("tcp://192.0.2.5:5432"));
        Assert.Contains("no policy denies egress by default", open.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Policies_with_errors_fail_the_test_with_all_of_them()
    {
        var error = Assert.Throws<PolicyAssertionException>(() => PoliciesUnderTest.FromText(Policy.Replace("method: GET", "methud: GET", StringComparison.Ordinal)));
        Assert.Contains("methud", error.Message, StringComparison.Ordinal);
        Assert.Throws<PolicyAssertionException>(() => PoliciesUnderTest.FromFiles("does-not-exist"));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("GET /orders")]
    [InlineData("https://api.example.com/")]
    [InlineData("GET tcp://192.0.2.5:5432")]
    public void What_is_no_call_is_an_error_of_the_test(string call)
    {
        using var policies = Read(Policy);
        Assert.Throws<ArgumentException>(() => policies.Workload("app=web").MayCall(call));
    }

    private static PoliciesUnderTest Read(string yaml)
    {
        var policies = PoliciesUnderTest.FromText(yaml);
        policies.Resolve("cart", IPAddress.Parse("10.0.0.1"));
        return policies;
    }
}
