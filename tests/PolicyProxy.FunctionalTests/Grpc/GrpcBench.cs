using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.FunctionalTests.Doors;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Grpc;

/// <summary>The cart behind a door, and a channel to it.</summary>
internal sealed class GrpcBench : IAsyncDisposable
{
    private readonly WebApplication _service;
    private readonly ReplaceableTexts _texts;

    private GrpcBench(WebApplication service, SidecarServer? sidecar, ReplaceableTexts texts, CartRecord record, FlowLog flows)
    {
        _service = service;
        _texts = texts;
        Sidecar = sidecar;
        Record = record;
        Flows = flows;
        Channel = Connect();
        Cart = new Cart.CartClient(Channel);
    }

    public CartRecord Record { get; }

    public FlowLog Flows { get; }

    public GrpcChannel Channel { get; }

    public Cart.CartClient Cart { get; }

    /// <summary>The sidecar; null for the middleware.</summary>
    public SidecarServer? Sidecar { get; }

    private IPEndPoint Address => Sidecar?.Addresses[0] ?? IPEndPoint.Parse(new Uri(_service.Urls.First()).Authority);

    /// <summary>Starts a door with the texts of <see cref="ShopPolicies"/> or others in force.</summary>
    public static async Task<GrpcBench> StartAsync(DoorKind kind, DoorSetup setup)
    {
        var texts = new ReplaceableTexts(setup.Texts);
        var record = new CartRecord();
        var flows = new FlowLog();
        var service = await StartServiceAsync(record, kind == DoorKind.Middleware ? setup : null, texts, flows);
        var sidecar = kind != DoorKind.Sidecar ? null : await SidecarServer.StartAsync(new SidecarOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Upstream = new Uri(service.Urls.First()),
            Labels = LabelSet.Parse(setup.SubjectLabels),
            PolicyPort = (ushort)setup.Port,
            Configure = policies => policies.From(texts).Services.AddSingleton<IFlowObserver>(flows),
        });
        return new GrpcBench(service, sidecar, texts, record, flows);
    }

    /// <summary>A channel with connections of its own.</summary>
    public GrpcChannel Connect() => GrpcChannel.ForAddress($"http://{Address}", new GrpcChannelOptions
    {
        HttpHandler = FromAddress.Handler(ShopPolicies.Client),
        MaxReceiveMessageSize = null,
        MaxSendMessageSize = null,
        DisposeHttpClient = true,
    });

    /// <summary>Puts other policies in force.</summary>
    public Task ReplaceAsync(params IEnumerable<string> httpRules) =>
        _texts.ReplaceAsync(Sidecar?.Services ?? _service.Services, ShopPolicies.Setup(httpRules).Texts);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        if (Sidecar is not null)
        {
            await Sidecar.DisposeAsync();
        }

        await _service.DisposeAsync();
    }

    private static async Task<WebApplication> StartServiceAsync(CartRecord record, DoorSetup? setup, ReplaceableTexts texts, FlowLog flows)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton(record);
        builder.Services.AddGrpc(static options => options.MaxReceiveMessageSize = null);
        if (setup is not null)
        {
            builder.Services.AddSingleton<IFlowObserver>(flows);
            builder.Services.AddPolicyProxy(options =>
            {
                options.Labels = setup.SubjectLabels;
                options.PolicyPort = setup.Port;
            }).From(texts);
        }

        var app = builder.Build();
        if (setup is not null)
        {
            app.UsePolicyProxy();
        }

        app.MapGrpcService<CartService>();
        await app.StartAsync();
        return app;
    }
}
