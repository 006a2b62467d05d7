using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Relay;
using Yarp.ReverseProxy.Forwarder;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>
/// Serves the connections that speak HTTP/2: Kestrel terminates them, YARP forwards. Built when the first one comes, so that a sidecar
/// that never sees HTTP/2 costs neither its start-up time nor its memory. Thread-safe.
/// </summary>
internal sealed class Http2Server : IAsyncDisposable
{
    private readonly SidecarOptions _options;
    private readonly IServiceProvider _services;
    private readonly int _maxConnections;
    private readonly HandedOverListener _listener;
    private readonly Lock _lock = new();
    private Task<WebApplication>? _starting;
    private bool _isStopping;

    /// <summary>Creates a server that is not yet built.</summary>
    /// <param name="options">The sidecar's options.</param>
    /// <param name="services">The door and the log.</param>
    /// <param name="maxConnections">Most connections at a time.</param>
    public Http2Server(SidecarOptions options, IServiceProvider services, int maxConnections)
    {
        _options = options;
        _services = services;
        _maxConnections = maxConnections;
        _listener = new HandedOverListener(services.GetRequiredService<HttpDoor>(), options);
    }

    /// <summary>Takes over a connected socket of which no byte was read; never blocks.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="permit">The verdict on it.</param>
    /// <param name="route">Where it goes on; null = to the sidecar's upstream.</param>
    public void Accept(int descriptor, ConnectionPermit permit, UpstreamRoute? route)
    {
        var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        lock (_lock)
        {
            if (_isStopping)
            {
                socket.Dispose();
                return;
            }

            _starting ??= Task.Run(StartAsync);
        }

        _listener.Add(socket, permit, route);
    }

    /// <summary>Stops accepting and waits for running requests up to the drain limit.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (BeginStop() is { } starting)
        {
            var app = await starting.ConfigureAwait(false);
            await app.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (BeginStop() is { } starting)
        {
            var app = await starting.ConfigureAwait(false);
            await app.DisposeAsync().ConfigureAwait(false);
        }

        await _listener.DisposeAsync().ConfigureAwait(false);
    }

    private Task<WebApplication>? BeginStop()
    {
        lock (_lock)
        {
            _isStopping = true;
            return _starting;
        }
    }

    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "policyproxy" });
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = _options.DrainLimit);
        builder.Services.AddSingleton(_services.GetRequiredService<ILoggerFactory>());
        builder.Services.AddSingleton(_services.GetRequiredService<HttpDoor>());
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton(provider => new UpstreamForwarder(provider.GetRequiredService<IHttpForwarder>(), _options));
        builder.Services.AddSingleton<IConnectionListenerFactory>(new HandedOverListenerFactory(_listener));
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel);
            kestrel.Listen(HandedOverListener.Place, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.UsePolicyProxy();
        app.Run(app.Services.GetRequiredService<UpstreamForwarder>().ForwardAsync);
        await app.StartAsync().ConfigureAwait(false);
        return app;
    }

    private void SetLimits(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false; // the upstream's, if any
        kestrel.Limits.MaxConcurrentConnections = _maxConnections;
        kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024; // Envoy's max_request_headers_kb (60), rounded up
        kestrel.Limits.MaxRequestLineSize = 64 * 1024; // Envoy counts the request line as header
        kestrel.Limits.MaxRequestBodySize = null; // the upstream's business
        kestrel.Limits.MinRequestBodyDataRate = null; // gRPC streams may be silent
        kestrel.Limits.MinResponseDataRate = null;
    }

    // Signals belong to the sidecar.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
