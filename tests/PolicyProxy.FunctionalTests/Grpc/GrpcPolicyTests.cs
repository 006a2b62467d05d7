using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
        await using var service = await StartServiceAsync(kind == DoorKind.Middleware ? ShopPolicies.Setup(ReadRule) : null);
        await using var sidecar = kind == DoorKind.Sidecar ? await StartSidecarAsync(service.Address) : null;
        using var channel = Connect(sidecar?.Addresses[0] ?? service.Address);
        var cart = new Cart.CartClient(channel);

        var item = await cart.GetItemAsync(new Item { Name = "book" });
        var items = new List<string>();
        using (var call = cart.ListItems(new Item { Name = "pen" }))
        {
            await foreach (var each in call.ResponseStream.ReadAllAsync())
            {
                items.Add(each.Name);
            }
        }

        var denied = await Assert.ThrowsAsync<RpcException>(async () => await cart.AddAsync(new Item { Name = "book" }));

        Assert.Equal("book", item.Name);
        Assert.Equal(["pen0", "pen1", "pen2"], items);
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
        Assert.Equal("Access denied", denied.Status.Detail);
    }

    [Fact]
    public async Task Call_through_the_sidecar_to_a_dead_upstream_is_unavailable()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound but not listening: connections are refused
        await using var sidecar = await StartSidecarAsync((IPEndPoint)reserved.LocalEndPoint!);
        using var channel = Connect(sidecar.Addresses[0]);

        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Cart.CartClient(channel).GetItemAsync(new Item()));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    private static async Task<ServiceHost> StartServiceAsync(DoorSetup? setup)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(static kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        if (setup is not null)
        {
            builder.Services.AddPolicyProxy(options =>
            {
                options.Labels = setup.SubjectLabels;
                options.PolicyPort = setup.Port;
            }).From(new ReplaceableTexts(setup.Texts));
        }

        var app = builder.Build();
        if (setup is not null)
        {
            app.UsePolicyProxy();
        }

        app.MapGrpcService<CartService>();
        await app.StartAsync();
        return new ServiceHost(app);
    }

    private static Task<SidecarServer> StartSidecarAsync(IPEndPoint upstream) => SidecarServer.StartAsync(new SidecarOptions
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        Upstream = new Uri($"http://{upstream}"),
        Labels = Policy.Identities.LabelSet.Parse("app=api"),
        PolicyPort = 8080,
        Configure = static policies => policies.From(new ReplaceableTexts(ShopPolicies.Setup(ReadRule).Texts)),
    });

    private static GrpcChannel Connect(IPEndPoint server) => GrpcChannel.ForAddress($"http://{server}", new GrpcChannelOptions
    {
        HttpHandler = FromAddress.Handler(ShopPolicies.Client),
    });

    private sealed class ServiceHost(WebApplication app) : IAsyncDisposable
    {
        public IPEndPoint Address { get; } = IPEndPoint.Parse(new Uri(app.Urls.First()).Authority);

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
