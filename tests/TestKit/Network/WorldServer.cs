using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PolicyProxy.TestKit.Network;

/// <summary>
/// A web server in another namespace, on every address there. Answers each request with <c>METHOD host path</c> and keeps a list of
/// them with the client's address.
/// </summary>
internal sealed class WorldServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Socket _listener;

    private WorldServer(WebApplication app, Socket listener) => (_app, _listener) = (app, listener);

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Every request: <c>client METHOD host path</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Starts a server.</summary>
    /// <param name="where">The namespace.</param>
    /// <param name="port">Port; 0 = any.</param>
    /// <param name="protocols">What it speaks.</param>
    /// <param name="certificate">Null = it speaks in the open.</param>
    public static async Task<WorldServer> StartAsync(
        NetworkNamespace where, int port = 0, HttpProtocols protocols = HttpProtocols.Http1, X509Certificate2? certificate = null)
    {
        var listener = where.Run(() => Listen(port));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.ListenHandle((ulong)listener.Handle, listen =>
            {
                listen.Protocols = protocols;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            }));
        var app = builder.Build();
        var server = new WorldServer(app, listener);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _listener.Dispose();
    }

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        socket.Listen(1024);
        return socket;
    }

    private Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var text = $"{request.Method} {request.Host} {request.Path}{request.QueryString}";
        Requests.Enqueue($"{context.Connection.RemoteIpAddress?.MapToIPv4()} {text}");
        context.Response.ContentLength = text.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text);
    }
}
