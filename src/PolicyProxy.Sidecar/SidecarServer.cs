using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PolicyProxy.DependencyInjection;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Sidecar.Terminating;
using Yarp.ReverseProxy.Forwarder;

namespace PolicyProxy.Sidecar;

/// <summary>
/// A proxy before one upstream: HTTP/1.1 and HTTP/2 with prior knowledge on the same port, every request judged, allowed ones
/// forwarded unchanged. Thread-safe.
/// </summary>
internal sealed class SidecarServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IReadOnlyList<HttpPort> _ports;

    private SidecarServer(WebApplication app, IReadOnlyList<HttpPort> ports)
    {
        _app = app;
        _ports = ports;
    }

    /// <summary>The addresses listened on, in the order of <see cref="SidecarOptions.Listen"/>, with the real ports.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _ports.Select(static port => port.Address)];

    /// <summary>The engine, the gate and everything else the server is made of.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Loads the policies and starts listening.</summary>
    /// <exception cref="SidecarStartException">The options or the policies are bad, or an address cannot be listened on.</exception>
    public static async Task<SidecarServer> StartAsync(SidecarOptions options, CancellationToken cancellationToken = default)
    {
        Check(options);
        var app = Compose(options);
        try
        {
            var server = new SidecarServer(app, Prepare(app, options));
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch (Exception error) when (error is PolicyLoadException or OptionsValidationException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new SidecarStartException(error.Message, error);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Starts, runs until SIGTERM, SIGINT or cancellation, then stops: no new connections, running requests get
    /// <see cref="SidecarOptions.DrainLimit"/>.
    /// </summary>
    /// <param name="options">The settings.</param>
    /// <param name="started">Called once the server listens; null = nobody needs to know.</param>
    /// <param name="cancellationToken">Stops the server.</param>
    /// <exception cref="SidecarStartException">As <see cref="StartAsync"/>.</exception>
    public static async Task RunAsync(SidecarOptions options, Action<SidecarServer>? started, CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true; // stopping is ours to do, in order
            stop.Cancel();
        }

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        var server = await StartAsync(options, stop.Token).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            started?.Invoke(server);
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using (stop.Token.Register(stopped.SetResult))
            {
                await stopped.Task.ConfigureAwait(false);
            }

            await server.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Stops accepting, waits for running requests up to the drain limit, then cuts off the rest.</summary>
    /// <param name="cancellationToken">Cuts off at once when cancelled.</param>
    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Check(SidecarOptions options)
    {
        var upstream = options.Upstream;
        if (!upstream.IsAbsoluteUri || upstream.Scheme != Uri.UriSchemeHttp || upstream.PathAndQuery != "/" || upstream.UserInfo.Length > 0)
        {
            throw new SidecarStartException($"upstream '{upstream}' is not of the form http://host:port");
        }

        if (options.Listen.Count == 0)
        {
            throw new SidecarStartException("there is no address to listen on");
        }
    }

    private static WebApplication Compose(SidecarOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "policyproxy" });
        AddServices(builder.Services, options);
        options.Logging?.Invoke(builder.Logging);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(SetLimits);
        return builder.Build();
    }

    private static HttpPort[] Prepare(WebApplication app, SidecarOptions options)
    {
        app.UsePolicyProxy();
        app.Run(app.Services.GetRequiredService<UpstreamForwarder>().ForwardAsync);

        HttpPort[] ports = [.. options.Listen.Select(address => CreatePort(address, app.Services))];
        var kestrel = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        foreach (var endPoint in ports.SelectMany(static port => port.EndPoints))
        {
            kestrel.Listen(endPoint, listen => listen.Protocols = endPoint.Protocol);
        }

        return ports;
    }

    private static void AddServices(IServiceCollection services, SidecarOptions options)
    {
        // Signals belong to RunAsync: a server inside a test or a larger command must not take them.
        services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainLimit);
        services.AddHttpForwarder();
        services.AddSingleton(provider => new UpstreamForwarder(provider.GetRequiredService<IHttpForwarder>(), options));
        services.AddSingleton<IConnectionListenerFactory, HttpPortListenerFactory>();
        var policies = services.AddPolicyProxy(proxy => Copy(options, proxy));
        foreach (var path in options.PolicyPaths.Concat(options.InventoryPaths))
        {
            policies.FromFiles(path);
        }

        options.Configure?.Invoke(policies);
    }

    private static void Copy(SidecarOptions options, PolicyProxyOptions proxy)
    {
        proxy.Labels = string.Join(',', options.Labels.Labels);
        proxy.PolicyPort = options.PolicyPort ?? options.Upstream.Port;
        proxy.Audit = options.Audit;
        proxy.Enforcement = options.Enforcement;
        proxy.ClusterName = options.ClusterName;
        proxy.DenyMessage = options.DenyMessage;
        proxy.RefusedConnection = options.RefusedConnection;
        proxy.CiliumCompatible = options.CiliumCompatible;
        proxy.IgnoreUnknownFields = options.IgnoreUnknownFields;
        foreach (var (name, port) in options.NamedPorts)
        {
            proxy.NamedPorts[name] = port;
        }
    }

    private static HttpPort CreatePort(IPEndPoint address, IServiceProvider services)
    {
        var transport = new SocketTransportFactory(
            services.GetRequiredService<IOptions<SocketTransportOptions>>(), services.GetRequiredService<ILoggerFactory>());
        return new HttpPort(address, transport, services.GetRequiredService<HttpDoor>(), services.GetRequiredService<TimeProvider>());
    }

    private static void SetLimits(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false; // the upstream's, if any
        kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024; // Envoy's max_request_headers_kb (60), rounded up
        kestrel.Limits.MaxRequestLineSize = 64 * 1024; // Envoy counts the request line as header
        kestrel.Limits.MaxRequestBodySize = null; // the upstream's business
        kestrel.Limits.MinRequestBodyDataRate = null; // gRPC streams may be silent
        kestrel.Limits.MinResponseDataRate = null;
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
