using PolicyProxy.Flows;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>Every verdict and every response leaves a flow.</summary>
public sealed class FlowTests
{
    [Theory]
    [InlineData(DoorKind.Middleware, "/a", 200, FlowVerdict.Forwarded)]
    [InlineData(DoorKind.Sidecar, "/a", 200, FlowVerdict.Forwarded)]
    [InlineData(DoorKind.Middleware, "/b", 403, FlowVerdict.Dropped)]
    [InlineData(DoorKind.Sidecar, "/b", 403, FlowVerdict.Dropped)]
    public async Task Request_leaves_a_request_flow_and_a_response_flow(DoorKind kind, string path, int status, FlowVerdict verdict)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup("""{path: "/a"}"""));

        await door.SendAsync(ShopPolicies.Get(path));
        var request = await NextAsync(door, static record => !record.IsResponse);
        var response = await NextAsync(door, static record => record.IsResponse);

        Assert.Equal(verdict, request.Verdict);
        Assert.Equal($"http://api{path}", ((HttpRecord)request.L7!).Url);
        Assert.Equal("HTTP/1.1", ((HttpRecord)request.L7!).Protocol);
        Assert.Equal(ShopPolicies.Client, request.Source.Address?.Address);
        Assert.Equal(status, ((HttpRecord)response.L7!).Code);
        Assert.True(((HttpRecord)response.L7!).Latency > TimeSpan.Zero);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Refused_connection_leaves_one_connection_flow(DoorKind kind)
    {
        await using var door = await DoorClient.StartAsync(kind, ShopPolicies.Setup("""{path: "/a"}"""));

        await door.SendAsync(ShopPolicies.Get("/a") with { Source = ShopPolicies.Stranger });
        var flows = new List<FlowRecord>();
        door.Flows.Read(door.Flows.Start, 10, flows, out _);

        var flow = Assert.Single(flows);
        Assert.Equal((FlowType.L3L4, FlowVerdict.Dropped), (flow.Type, flow.Verdict));
    }

    private static async Task<FlowRecord> NextAsync(DoorClient door, Func<HttpRecord, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var reading in door.Flows.FollowAsync(door.Flows.Start, limit.Token))
        {
            if (reading.Flow.L7 is HttpRecord record && wanted(record))
            {
                return reading.Flow;
            }
        }

        throw new InvalidOperationException("the flow log ended");
    }
}
