using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Flows;
using PolicyProxy.FunctionalTests.Doors;
using PolicyProxy.TestKit.Flows;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Interceptors;

/// <summary>The gRPC service, behind the server interceptor, the middleware, both or neither.</summary>
internal sealed class CallsHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CallsHost(WebApplication app, FlowLog log, ReplaceableTexts texts) => (_app, Log, Texts) = (app, log, texts);

    public IPEndPoint Address => IPEndPoint.Parse(new Uri(_app.Urls.First()).Authority);

    public IServiceProvider Services => _app.Services;

    public FlowLog Log { get; }

    public ReplaceableTexts Texts { get; }

    public IReadOnlyList<FlowRecord> Flows => Log.All();

    /// <summary>Starts it.</summary>
    /// <param name="setup">Policies; null = none.</param>
    /// <param name="intercepts">True adds the interceptor.</param>
    /// <param name="usesMiddleware">True adds the middleware.</param>
    /// <param name="route">A path that all requests are routed by, whatever theirs is; null = each by its own.</param>
    public static async Task<CallsHost> StartAsync(DoorSetup? setup = null, bool intercepts = false, bool usesMiddleware = false, string? route = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(options =>
        {
            if (intercepts)
            {
                options.Interceptors.Add<PolicyProxyServerInterceptor>();
            }
        });
        if (intercepts)
        {
            builder.Services.AddHttpContextAccessor();
        }

        var log = new FlowLog();
        var texts = new ReplaceableTexts(setup?.Texts ?? []);
        if (setup is not null)
        {
            builder.Services.AddSingleton<IFlowObserver>(log);
            builder.Services.AddPolicyProxy(options =>
            {
                options.Labels = setup.SubjectLabels;
                options.PolicyPort = setup.Port;
            }).From(texts);
        }

        var app = builder.Build();
        if (route is not null)
        {
            app.Use((context, next) =>
            {
                context.Request.Path = route;
                return next(context);
            });
            app.UseRouting();
        }

        if (usesMiddleware)
        {
            app.UsePolicyProxy();
        }

        app.MapGrpcService<CallsService>();
        await app.StartAsync();
        return new CallsHost(app, log, texts);
    }

    public GrpcChannel Connect(IPAddress source) =>
        GrpcChannel.ForAddress($"http://{Address}", new GrpcChannelOptions { HttpHandler = FromAddress.Handler(source), DisposeHttpClient = true });

    /// <summary>Makes a call of one kind; what it answers.</summary>
    public static async Task<string> CallAsync(Calls.CallsClient client, string kind, Metadata? headers = null)
    {
        var word = new Word { Text = kind };
        switch (kind)
        {
            case "Blocking":
                return client.Unary(word, headers).Text;
            case "Unary":
                return (await client.UnaryAsync(word, headers)).Text;
            case "ServerStream":
                using (var call = client.ServerStream(word, headers))
                {
                    return await call.ResponseStream.MoveNext(default) ? call.ResponseStream.Current.Text : string.Empty;
                }

            case "ClientStream":
                using (var call = client.ClientStream(headers))
                {
                    await call.RequestStream.WriteAsync(word);
                    await call.RequestStream.CompleteAsync();
                    return (await call.ResponseAsync).Text;
                }

            default:
                using (var call = client.Duplex(headers))
                {
                    await call.RequestStream.WriteAsync(word);
                    return await call.ResponseStream.MoveNext(default) ? call.ResponseStream.Current.Text : string.Empty;
                }
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
