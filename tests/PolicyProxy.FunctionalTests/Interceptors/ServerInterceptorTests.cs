using Grpc.Core;
using PolicyProxy.Flows;
using PolicyProxy.FunctionalTests.Doors;

namespace PolicyProxy.FunctionalTests.Interceptors;

/// <summary>The server interceptor, where no middleware stands first, and beside one.</summary>
public sealed class ServerInterceptorTests
{
    private const string All = """{method: POST, path: "/calls\\.Calls/.*"}""";

    public static TheoryData<string> Kinds => ["Blocking", "Unary", "ServerStream", "ClientStream", "Duplex"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Call_of_every_kind_is_judged_once(string kind)
    {
        foreach (var usesMiddleware in new[] { false, true })
        {
            await using var server = await CallsHost.StartAsync(ShopPolicies.Setup(All), intercepts: true, usesMiddleware);
            using (var channel = server.Connect(ShopPolicies.Client))
            {
                Assert.Equal(kind, await CallsHost.CallAsync(new Calls.CallsClient(channel), kind));
            }

            Assert.Single(server.Flows, static flow => flow is { Type: FlowType.L7, IsReply: false, Verdict: FlowVerdict.Forwarded });
            Assert.DoesNotContain(server.Flows, static flow => flow.Verdict == FlowVerdict.Dropped);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Denied_call_of_every_kind_ends_with_permission_denied(string kind)
    {
        await using var server = await CallsHost.StartAsync(ShopPolicies.Setup("""{method: POST, path: "/calls\\.Calls/Nothing"}"""), intercepts: true);
        using var channel = server.Connect(ShopPolicies.Client);
        var error = await Assert.ThrowsAsync<RpcException>(() => CallsHost.CallAsync(new Calls.CallsClient(channel), kind));

        Assert.Equal((StatusCode.PermissionDenied, "Access denied"), (error.StatusCode, error.Status.Detail));
        Assert.Single(server.Flows, static flow => flow is { Type: FlowType.L7, IsReply: false, Verdict: FlowVerdict.Dropped });
    }

    [Fact]
    public async Task Stranger_is_denied()
    {
        await using var server = await CallsHost.StartAsync(ShopPolicies.Setup(All), intercepts: true);
        using var channel = server.Connect(ShopPolicies.Stranger);
        var error = await Assert.ThrowsAsync<RpcException>(() => CallsHost.CallAsync(new Calls.CallsClient(channel), "Unary"));
        Assert.Equal(StatusCode.PermissionDenied, error.StatusCode);
    }

    [Theory]
    [InlineData("REPLACE", "Unary|right")]
    [InlineData("ADD", "Unary|wrong|right")]
    [InlineData("DELETE", "Unary")]
    [InlineData("LOG", "Unary|wrong")]
    public async Task Header_action_reaches_the_service_once(string mismatch, string answer)
    {
        foreach (var usesMiddleware in new[] { false, true })
        {
            var rule = $$"""{method: POST, headerMatches: [{name: X-Token, value: right, mismatch: {{mismatch}}}]}""";
            await using var server = await CallsHost.StartAsync(ShopPolicies.Setup(rule), intercepts: true, usesMiddleware);
            using var channel = server.Connect(ShopPolicies.Client);
            var said = await CallsHost.CallAsync(new Calls.CallsClient(channel), "Unary", new Metadata { { "x-token", "wrong" } });
            Assert.Equal(answer, said.Replace(',', '|')); // two lines, or one with both values
        }
    }
}
