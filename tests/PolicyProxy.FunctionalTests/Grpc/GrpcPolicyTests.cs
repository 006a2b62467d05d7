using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.FunctionalTests.Doors;
using PolicyProxy.Sidecar;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Grpc;

/// <summary>A gRPC method is a POST to its path (semantics 5.6); a denied call ends with PERMISSION_DENIED.</summary>
public sealed class GrpcPolicyTests
{
    private const string ReadRule = """{method: POST, path: "/shop\\.Cart/(Get|List).*"}""";

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Allowed_methods_work_and_denied_ones_end_with_permission_denied(DoorKind kind)
    {
        await using var bench = await GrpcBench.StartAsync(kind, ShopPolicies.Setup(ReadRule));

        var item = await bench.Cart.GetItemAsync(new Item { Name = "book" });
        var items = new List<string>();
        using (var call = bench.Cart.ListItems(new Item { Name = "pen" }))
        {
            await foreach (var each in call.ResponseStream.ReadAllAsync())
            {
                items.Add(each.Name);
            }
        }

        Assert.Equal("book", item.Name);
        Assert.Equal(["pen0", "pen1", "pen2"], items);
        await AssertDeniedAsync(async () => await bench.Cart.AddAsync(new Item { Name = "book" }));
        await AssertDeniedAsync(async () =>
        {
            using var collect = bench.Cart.Collect();
            await collect.ResponseAsync;
        });
        await AssertDeniedAsync(async () =>
        {
            using var chat = bench.Cart.Chat();
            await chat.ResponseStream.MoveNext(CancellationToken.None);
        });
    }

    [Theory]
    [InlineData(DoorKind.Middleware)]
    [InlineData(DoorKind.Sidecar)]
    public async Task Rules_of_the_extension_kind_name_service_method_and_metadata(DoorKind kind)
    {
        const string Policy = """
            apiVersion: policyproxy.dev/v1alpha1
            kind: L7NetworkPolicy
            metadata: {name: cart, namespace: default}
            spec:
              endpointSelector: {matchLabels: {app: api}}
              ingress:
              - fromEndpoints: [{matchLabels: {app: client}}]
                toPorts:
                - ports: [{port: "8080", protocol: TCP}]
                  rules:
                    grpc:
                    - {service: shop.Cart, method: "Get*"}
                    - {service: shop.Cart, method: Add, metadata: {tenant: blue}}
            """;
        await using var bench = await GrpcBench.StartAsync(kind, ShopPolicies.Setup() with { Texts = [Policy, ShopPolicies.Inventory] });

        Assert.Equal("book", (await bench.Cart.GetItemAsync(new Item { Name = "book" })).Name);
        Assert.Equal("pen", (await bench.Cart.AddAsync(new Item { Name = "pen" }, new Metadata { { "tenant", "blue" } })).Name);
        await AssertDeniedAsync(async () => await bench.Cart.AddAsync(new Item(), new Metadata { { "tenant", "red" } }));
        await AssertDeniedAsync(async () => await bench.Cart.AddAsync(new Item(), new Metadata { { "tenant", "blue" }, { "tenant", "red" } }));
        await AssertDeniedAsync(async () => await bench.Cart.AddAsync(new Item()));
    }

    [Fact]
    public async Task Call_through_the_sidecar_to_a_dead_upstream_is_unavailable()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound but not listening: connections are refused
        await using var sidecar = await SidecarServer.StartAsync(new SidecarOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Upstream = new Uri($"http://{reserved.LocalEndPoint}"),
            Labels = Policy.Identities.LabelSet.Parse("app=api"),
            PolicyPort = 8080,
            Configure = static policies => policies.From(new ReplaceableTexts(ShopPolicies.Setup(ReadRule).Texts)),
        });
        using var channel = GrpcChannel.ForAddress(
            $"http://{sidecar.Addresses[0]}", new GrpcChannelOptions { HttpHandler = FromAddress.Handler(ShopPolicies.Client) });

        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Cart.CartClient(channel).GetItemAsync(new Item()));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    private static async Task AssertDeniedAsync(Func<Task> call)
    {
        var denied = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((StatusCode.PermissionDenied, "Access denied"), (denied.StatusCode, denied.Status.Detail));
    }
}
