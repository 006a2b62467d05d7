using Google.Protobuf;
using Grpc.Core;
using PolicyProxy.FunctionalTests.Doors;

namespace PolicyProxy.FunctionalTests.Grpc;

/// <summary>Calls keep what gRPC promises on their way through a door: order, streaming both ways, deadlines, cancellation, trailers.</summary>
public sealed class GrpcStreamTests
{
    private const string EveryCall = """{method: POST, path: "/shop\\.Cart/.*"}""";

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Messages_of_a_client_stream_arrive_in_order(DoorKind kind)
    {
        await using var bench = await GrpcBench.StartAsync(kind, ShopPolicies.Setup(EveryCall));
        using var call = bench.Cart.Collect();
        for (var i = 0; i < 100; i++)
        {
            await call.RequestStream.WriteAsync(new Item { Name = $"{i}" });
        }

        await call.RequestStream.CompleteAsync();

        Assert.Equal(string.Join(',', Enumerable.Range(0, 100)), (await call).Name);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Each_message_of_a_conversation_is_answered_before_the_next_is_sent(DoorKind kind)
    {
        await using var bench = await GrpcBench.StartAsync(kind, ShopPolicies.Setup(EveryCall));
        using var call = bench.Cart.Chat();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"re: {i}", await SayAsync(call, $"{i}"));
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Cancelled_call_is_cancelled_at_the_service(DoorKind kind)
    {
        await using var bench = await GrpcBench.StartAsync(kind, ShopPolicies.Setup(EveryCall));
        using var cancel = new CancellationTokenSource();
        using var call = bench.Cart.WaitAsync(new Item(), cancellationToken: cancel.Token);
        await bench.Record.Begun;

        await cancel.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
        await bench.Record.Cancelled;
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Deadline_holds_at_both_ends(DoorKind kind)
    {
        await using var bench = await GrpcBench.StartAsync(kind, ShopPolicies.Setup(EveryCall));

        using var call = bench.Cart.WaitAsync(new Item(), deadline: DateTime.UtcNow.AddSeconds(2));

        Assert.Equal(StatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
        await bench.Record.Cancelled;
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Failure_arrives_with_status_message_and_trailers(DoorKind kind)
    {
        await using var bench = await GrpcBench.StartAsync(kind, ShopPolicies.Setup(EveryCall));

        var error = await Assert.ThrowsAsync<RpcException>(async () => await bench.Cart.FailAsync(new Item()));

        Assert.Equal((StatusCode.ResourceExhausted, "no items: 100 % sold, ä"), (error.StatusCode, error.Status.Detail));
        Assert.Equal("7", error.Trailers.GetValue("retry-in"));
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Message_of_many_megabytes_passes_both_ways(DoorKind kind)
    {
        await using var bench = await GrpcBench.StartAsync(kind, ShopPolicies.Setup(EveryCall));
        var picture = new byte[40 * 1024 * 1024];
        new Random(7).NextBytes(picture);

        var item = await bench.Cart.AddAsync(new Item { Picture = UnsafeByteOperations.UnsafeWrap(picture) });

        Assert.True(item.Picture.Span.SequenceEqual(picture));
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Next_call_on_an_open_connection_is_judged_by_the_policies_in_force_then(DoorKind kind)
    {
        await using var bench = await GrpcBench.StartAsync(kind, ShopPolicies.Setup(EveryCall));
        _ = await bench.Cart.AddAsync(new Item());

        await bench.ReplaceAsync("""{method: POST, path: "/shop\\.Cart/Get.*"}""");

        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(async () => await bench.Cart.AddAsync(new Item()))).StatusCode);
        _ = await bench.Cart.GetItemAsync(new Item());
    }

    [Fact]
    public async Task Open_call_is_cut_by_the_sidecar_when_policies_forbid_it_and_another_goes_on()
    {
        await using var bench = await GrpcBench.StartAsync(DoorKind.Sidecar, ShopPolicies.Setup(EveryCall));
        using var chat = bench.Cart.Chat();
        using var collect = bench.Cart.Collect();
        await collect.RequestStream.WriteAsync(new Item { Name = "a" });
        Assert.Equal("re: 1", await SayAsync(chat, "1"));

        await bench.ReplaceAsync(EveryCall, """{method: GET, path: "/more"}""");
        Assert.Equal("re: 2", await SayAsync(chat, "2")); // still allowed
        await bench.ReplaceAsync("""{method: POST, path: "/shop\\.Cart/Collect"}""");

        var error = await Assert.ThrowsAsync<RpcException>(() => chat.ResponseStream.MoveNext(CancellationToken.None));
        await bench.Record.Cancelled;
        await collect.RequestStream.WriteAsync(new Item { Name = "b" });
        await collect.RequestStream.CompleteAsync();
        Assert.Equal("a,b", (await collect).Name);
        Assert.Equal(StatusCode.PermissionDenied, error.StatusCode);
    }

    [Fact]
    public async Task Open_call_is_finished_by_a_sidecar_that_stops()
    {
        await using var bench = await GrpcBench.StartAsync(DoorKind.Sidecar, ShopPolicies.Setup(EveryCall));
        using var chat = bench.Cart.Chat();
        Assert.Equal("re: 1", await SayAsync(chat, "1"));

        var stopping = bench.Sidecar!.StopAsync();
        Assert.Equal("re: 2", await SayAsync(chat, "2"));
        using (var other = bench.Connect())
        {
            await Assert.ThrowsAsync<RpcException>(async () => await new Cart.CartClient(other).GetItemAsync(new Item()));
        }

        Assert.Equal("re: 3", await SayAsync(chat, "3"));
        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(CancellationToken.None));

        await stopping;
    }

    private static async Task<string> SayAsync(AsyncDuplexStreamingCall<Item, Item> call, string name)
    {
        await call.RequestStream.WriteAsync(new Item { Name = name });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        return call.ResponseStream.Current.Name;
    }
}
