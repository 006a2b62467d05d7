using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.FunctionalTests.Doors;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.TestKit.Http;
using Yarp.ReverseProxy.Configuration;

namespace PolicyProxy.FunctionalTests.AspNetCore;

/// <summary>The middleware before what applications put behind it.</summary>
public sealed class PipelineTests
{
    private const string ApiRule = """{method: GET, path: "/api/.*"}""";

    [Fact]
    public async Task Minimal_api_runs_for_allowed_requests_only()
    {
        var admin = 0;
        await using var door = await MiddlewareHost.StartAsync(ShopPolicies.Setup(ApiRule), app =>
        {
            app.MapGet("/api/orders/{id}", static (string id) => $"order {id}");
            app.MapGet("/admin", () => ++admin);
        });

        var order = await RawHttpConnection.SendAsync(door.Address, ShopPolicies.Get("/api/orders/7").Wire, ShopPolicies.Client);
        var denied = await RawHttpConnection.SendAsync(door.Address, ShopPolicies.Get("/admin").Wire, ShopPolicies.Client);

        Assert.Equal((200, "order 7"), (order.Status, order.Body));
        Assert.Equal((403, 0), (denied.Status, admin));
    }

    [Fact]
    public async Task Reverse_proxy_forwards_allowed_requests_only()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var door = await MiddlewareHost.StartAsync(
            ShopPolicies.Setup(ApiRule),
            static app => app.MapReverseProxy(),
            builder => builder.Services.AddReverseProxy().LoadFromMemory(
                [new RouteConfig { RouteId = "all", ClusterId = "one", Match = new RouteMatch { Path = "/{**path}" } }],
                [
                    new ClusterConfig
                    {
                        ClusterId = "one",
                        Destinations = new Dictionary<string, DestinationConfig> { ["echo"] = new() { Address = upstream.Uri.ToString() } },
                    },
                ]));

        var allowed = await RawHttpConnection.SendAsync(door.Address, ShopPolicies.Get("/api/x?y=1").Wire, ShopPolicies.Client);
        var denied = await RawHttpConnection.SendAsync(door.Address, ShopPolicies.Get("/admin").Wire, ShopPolicies.Client);

        Assert.Equal(200, allowed.Status);
        Assert.StartsWith("GET /api/x?y=1 ", allowed.Body, StringComparison.Ordinal);
        Assert.Equal((403, 1), (denied.Status, upstream.Requests));
    }

    [Fact]
    public async Task Peer_named_by_an_earlier_middleware_replaces_the_address()
    {
        var setup = ShopPolicies.Setup(ApiRule);
        await using var door = await MiddlewareHost.StartAsync(setup, static app => app.Run(static _ => Task.CompletedTask), static builder =>
            builder.Services.AddSingleton<Microsoft.AspNetCore.Hosting.IStartupFilter, ClientCertificateFilter>());

        var response = await RawHttpConnection.SendAsync(door.Address, ShopPolicies.Get("/api/x").Wire, ShopPolicies.Stranger);

        Assert.Equal(200, response.Status);
    }

    /// <summary>Stands for a middleware that knows clients by certificate: everybody is <c>client</c>.</summary>
    private sealed class ClientCertificateFilter : Microsoft.AspNetCore.Hosting.IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(static (context, rest) =>
            {
                var identities = context.RequestServices.GetRequiredService<PolicyEngine>().Identities;
                context.Features.Set<IPeerIdentityFeature>(new Peer(identities.GetWorkload(LabelSet.Parse("app=client"))));
                return rest(context);
            });
            next(app);
        };
    }

    private sealed record Peer(Identity Identity) : IPeerIdentityFeature
    {
        Identity? IPeerIdentityFeature.Peer => Identity;

        public bool IsAuthenticated => true;
    }
}
