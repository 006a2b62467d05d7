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
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.FunctionalTests.Interceptors;

/// <summary>The gRPC service, behind the server interceptor, the middleware, both or neither.</summary>
internal sealed class CallsHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FlowLog _log;

    private CallsHost(WebApplication app, FlowLog log) => (_app, _log) = (app, log);

    public IPEndPoint Address => IPEndPoint.Parse(new Uri(_app.Urls.First()).Authority);

    public IReadOnlyList<FlowRecord> Flows
    {
        get
        {
            var flows = new List<FlowRecord>();
            _ = _log.Read(_log.Start, int.MaxValue, flows, out _);
            return flows;
        }
    }

    public static async Task<CallsHost> StartAsync(DoorSetup? setup = null, bool intercepts = false, bool usesMiddleware = false)
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
        if (setup is not null)
        {
            builder.Services.AddSingleton<IFlowObserver>(log);
            builder.Services.AddPolicyProxy(options =>
            {
                options.Labels = setup.SubjectLabels;
                options.PolicyPort = setup.Port;
            }).From(new ReplaceableTexts(setup.Texts));
        }

        var app = builder.Build();
        if (usesMiddleware)
        {
            app.UsePolicyProxy();
        }

        app.MapGrpcService<CallsService>();
        await app.StartAsync();
        return new CallsHost(app, log);
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
