using System.Text;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Http;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Tests.Gate;

/// <summary>Fields with which a client asks an origin for another method or target are judged as if the origin obeyed, and as if it did not.</summary>
public sealed class HttpOverrideTests
{
    private const string Policy = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: api, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules:
                http:
                - {method: "GET|PUT", path: "/api/.*"}
        """;

    [Theory]
    [InlineData("x-http-method-override", "PUT", true)]
    [InlineData("x-http-method-override", "put", true)]
    [InlineData("x-http-method-override", "DELETE", false)]
    [InlineData("x-http-method", "DELETE", false)]
    [InlineData("x-method-override", "DELETE", false)]
    [InlineData("x-http-method-override", "", false)]
    [InlineData("x-http-method-override", "PUT,DELETE", false)]
    [InlineData("x-original-url", "/api/other", true)]
    [InlineData("x-original-url", "/api/other,/admin", false)]
    [InlineData("x-original-url", "/admin", false)]
    [InlineData("x-original-url", "/api/../admin", false)]
    [InlineData("x-rewrite-url", "/admin", false)]
    [InlineData("x-envoy-original-path", "/admin", false)]
    [InlineData("x-rewrite-url", "http://api/admin", false)]
    public void Check_both_readings_have_to_be_allowed(string name, string value, bool allowed)
    {
        using var gate = new TestGate(Policy);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);

        var verdict = gate.Gate.Check(ref permit, new TestRequest("GET", "/api/x", "api", (name, value)));

        Assert.Equal(allowed, verdict.Allowed);
        Assert.Equal(allowed ? VerdictReason.AllowedByRule : VerdictReason.AmbiguousRequest, verdict.Reason);
    }

    [Fact]
    public void Check_override_of_a_denied_request_changes_nothing()
    {
        using var gate = new TestGate(Policy);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);

        var verdict = gate.Gate.Check(ref permit, new TestRequest("DELETE", "/api/x", "api", ("x-http-method-override", "GET")));

        Assert.Equal(VerdictReason.NoRuleMatched, verdict.Reason);
    }

    [Fact]
    public void Check_overrides_of_method_and_target_together_are_ambiguous()
    {
        using var gate = new TestGate(Policy);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);

        // each alone is allowed, and nothing says that both are
        var verdict = gate.Gate.Check(ref permit, new TestRequest("GET", "/api/x", "api", ("x-http-method", "PUT"), ("x-original-url", "/api/y")));

        Assert.Equal(VerdictReason.AmbiguousRequest, verdict.Reason);
    }

    [Fact]
    public void Check_override_longer_than_is_looked_at_is_ambiguous()
    {
        using var gate = new TestGate(Policy);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);

        var verdict = gate.Gate.Check(ref permit, new TestRequest("GET", "/api/x", "api", ("x-original-url", "/api/" + new string('a', 1_020))));

        Assert.Equal(VerdictReason.AmbiguousRequest, verdict.Reason);
    }

    [Theory]
    [InlineData("X-HTTP-Method-Override: PUT", true)]
    [InlineData("X-HTTP-Method-Override: DELETE", false)]
    [InlineData("X_HTTP_Method_Override: PUT", false)] // gateways to programs make the same variable of it, other origins ignore it
    [InlineData("X-Http.Method-Override: PUT", false)]
    [InlineData("X-Original-URL: /api/y\r\nX-Original-URL: /admin", false)] // joined: /api/y,/admin, which a rule for /api/.* matches
    [InlineData("X-Original-URL: /api/y\r\nX-Original-URL: /api/z", false)]
    [InlineData("X-Original-URLs: /admin", true)]
    public void Check_fields_of_a_parsed_head_are_found_in_every_spelling(string fields, bool allowed)
    {
        using var gate = new TestGate(Policy);
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);
        var head = Encoding.ASCII.GetBytes($"GET /api/x HTTP/1.1\r\nHost: api\r\n{fields}\r\n\r\n");
        Assert.True(Http1Request.TryParse(head, HttpLimits.Default, new char[HttpLimits.Default.MaxScratchChars], out var request, out _));

        Assert.Equal(allowed, gate.Gate.Check(ref permit, request).Allowed);
    }

    [Fact]
    public void Flow_of_a_refused_override_says_why()
    {
        using var gate = new TestGate(Policy).Observed();
        _ = gate.Gate.Connect(gate.Ingress("app=api", "app=web", 8080), out var permit);

        _ = gate.Gate.Check(ref permit, new TestRequest("GET", "/api/x", "api", ("x-original-url", "/admin")));

        var flows = new List<FlowRecord>();
        _ = gate.Log.Read(gate.Log.Start, 10, flows, out _);
        Assert.Contains("another method or target", flows[^1].Note, StringComparison.Ordinal);
    }
}
