using System.Net;
using Grpc.Core;
using Grpc.Core.Interceptors;
using PolicyProxy.Enforcement.Interceptors;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.FunctionalTests.Interceptors;

/// <summary>The client interceptor: a denied call is not made.</summary>
public sealed class ClientInterceptorTests : IAsyncLifetime, IDisposable
{
    private CallsHost _server = null!;
    private TestGate? _gate;

    public async Task InitializeAsync() => _server = await CallsHost.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _gate?.Dispose();

    [Theory]
    [MemberData(nameof(ServerInterceptorTests.Kinds), MemberType = typeof(ServerInterceptorTests))]
    public async Task Allowed_call_of_every_kind_is_made_and_reported(string kind)
    {
        var client = Client("""{method: POST, path: "/calls\\.Calls/.*", host: "127\\.0\\.0\\.1:[0-9]+"}""");
        Assert.Equal(kind, await CallsHost.CallAsync(client, kind));
        Assert.Single(_gate!.Flows(), static flow => flow is { Type: FlowType.L3L4 });
        Assert.Single(_gate.Flows(), static flow => flow is { Type: FlowType.L7, IsReply: false, Verdict: FlowVerdict.Forwarded });
        Assert.Equal(kind, await CallsHost.CallAsync(client, kind));
        Assert.Single(_gate.Flows(), static flow => flow is { Type: FlowType.L3L4 });
    }

    [Theory]
    [MemberData(nameof(ServerInterceptorTests.Kinds), MemberType = typeof(ServerInterceptorTests))]
    public async Task Denied_call_of_every_kind_throws_and_says_why(string kind)
    {
        var client = Client("""{method: POST, path: "/calls\\.Calls/Nothing"}""");
        var error = await Assert.ThrowsAsync<RpcException>(() => CallsHost.CallAsync(client, kind));
        Assert.Equal(StatusCode.PermissionDenied, error.StatusCode);
        Assert.Matches(@"^/calls\.Calls/\w+ at 127\.0\.0\.1:\d+ is denied by policy: NoRuleMatched$", error.Status.Detail);
        Assert.Single(_gate!.Flows(), static flow => flow is { Type: FlowType.L7, Verdict: FlowVerdict.Dropped });
    }

    [Fact]
    public async Task Metadata_is_judged_and_edited_on_a_copy()
    {
        var client = Client("""{method: POST, headers: ["x-tenant a", "content-type application/grpc"], headerMatches: [{name: X-Token, value: right, mismatch: REPLACE}]}""");
        var headers = new Metadata { { "x-tenant", "a" }, { "x-token", "wrong" } };

        Assert.Equal("Unary|right", await CallsHost.CallAsync(client, "Unary", headers));
        Assert.Equal("wrong", headers.GetValue("x-token"));
        await Assert.ThrowsAsync<RpcException>(() => CallsHost.CallAsync(client, "Unary", new Metadata { { "x-tenant", "b" } }));
    }

    [Fact]
    public async Task Call_is_judged_by_the_policy_of_its_moment()
    {
        var client = Client("{method: POST}");
        Assert.Equal("Unary", await CallsHost.CallAsync(client, "Unary"));
        _gate!.Update(Policy("{method: GET}"));
        await Assert.ThrowsAsync<RpcException>(() => CallsHost.CallAsync(client, "Unary"));
        _gate.Update(Policy("{method: POST}").Replace("egress:", "egressDeny: [{toCIDR: [127.0.0.1/32]}]\n  egress:", StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<RpcException>(() => CallsHost.CallAsync(client, "Unary"));
        Assert.Contains("DeniedByRule, CiliumNetworkPolicy/default/web spec.egressDeny[0]", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_that_fails_is_reported_as_failed()
    {
        var client = Client("{method: POST}");
        await _server.DisposeAsync();
        await Assert.ThrowsAsync<RpcException>(() => CallsHost.CallAsync(client, "Blocking"));
        Assert.Contains(_gate!.Flows(), static flow => flow is { IsReply: true, Verdict: FlowVerdict.Error });
    }

    private static string Policy(string rule) =>
        $$$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: web, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: web}}
          egress:
          - toCIDR: [127.0.0.1/32]
            toPorts:
            - ports: [{port: "5000", protocol: TCP}]
              rules:
                http: [{{{rule}}}]
        """;

    private Calls.CallsClient Client(string rule)
    {
        _gate = new TestGate(Policy(rule)).Observed();
        Assert.True(_gate.First.Succeeded, string.Join('\n', _gate.First.Diagnostics));
        var address = _server.Address;
        var interceptor = new PolicyProxyClientInterceptor(
            _gate.Gate,
            () => _gate.Egress("app=web", "127.0.0.1", 5000) with { Destination = new IPEndPoint(IPAddress.Loopback, address.Port), Protocol = TransportProtocol.Tcp });
        return new Calls.CallsClient(_server.Connect(IPAddress.Loopback).Intercept(interceptor));
    }
}
