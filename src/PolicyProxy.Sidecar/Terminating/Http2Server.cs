using System.Net.Sockets;
using System.Text;
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
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SidecarOptions _options;
    private readonly IServiceProvider _services;
    private readonly int _maxConnections;
    private readonly KestrelRefusals _refusals;
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
        var door = services.GetRequiredService<HttpDoor>();
        _refusals = new KestrelRefusals(door.Gate, services.GetRequiredService<ILoggerFactory>());
        _listener = new HandedOverListener(door, _refusals, options);
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
        _refusals.Dispose();
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
        builder.Services.AddSingleton<ILoggerFactory>(_refusals);
        builder.Services.AddSingleton(_services.GetRequiredService<HttpDoor>());
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton(_ => new LiveStreams(_services.GetRequiredService<HttpDoor>(), _services.GetRequiredService<PolicyEngine>()));
        builder.Services.AddSingleton(provider => new UpstreamForwarder(
            provider.GetRequiredService<IHttpForwarder>(), _services.GetRequiredService<HttpDoor>(), _options, provider.GetRequiredService<LiveStreams>()));
        builder.Services.AddSingleton<IConnectionListenerFactory>(new HandedOverListenerFactory(_listener));
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel);
            kestrel.Listen(HandedOverListener.Place, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.Use(new StrictRequests(_services.GetRequiredService<HttpDoor>(), _options.Relay.Http).InvokeAsync);
        app.UsePolicyProxy();
        app.Run(app.Services.GetRequiredService<UpstreamForwarder>().ForwardAsync);
        await app.StartAsync().ConfigureAwait(false);
        return app;
    }

    private void SetLimits(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false; // the upstream's, if any
        kestrel.RequestHeaderEncodingSelector = static _ => s_utf8; // as policies are written; anything else is refused
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1; // bytes for bytes
        kestrel.Limits.MaxConcurrentConnections = _maxConnections;
        kestrel.Limits.MaxRequestHeaderCount = _options.Relay.Http.MaxHeaders;
        kestrel.Limits.MaxRequestHeadersTotalSize = _options.Relay.Http.MaxHeadBytes;
        kestrel.Limits.MaxRequestLineSize = _options.Relay.Http.MaxHeadBytes;
        kestrel.Limits.RequestHeadersTimeout = _options.Relay.HeadTimeout;
        kestrel.Limits.KeepAliveTimeout = _options.Relay.KeepAliveTimeout;
        kestrel.Limits.MaxRequestBodySize = null; // the upstream's business
        kestrel.Limits.MinRequestBodyDataRate = null; // gRPC streams may be silent
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = _options.Http2.MaxStreams;
        kestrel.Limits.Http2.HeaderTableSize = _options.Http2.HeaderTableBytes;
        kestrel.Limits.Http2.MaxFrameSize = _options.Http2.MaxFrameBytes;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = _options.Relay.Http.MaxHeadBytes;
        kestrel.Limits.Http2.InitialStreamWindowSize = _options.Http2.StreamWindowBytes;
        kestrel.Limits.Http2.InitialConnectionWindowSize = _options.Http2.ConnectionWindowBytes;
    }

    // Signals belong to the sidecar.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
