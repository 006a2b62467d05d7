using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace PolicyProxy.TestKit.Http;

/// <summary>
/// An origin server that answers with what it received: request line, then one line per header in order of name. WebSockets are
/// echoed; <c>/hold</c> answers, and <c>/stream</c> ends its answer, when <see cref="Release"/> is called;
/// <c>/upload</c> counts the body, <c>/hold/upload</c> only from then on; <c>/pump</c> answers without end.
/// </summary>
internal sealed class EchoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _received = [];
    private int _requests;
    private long _pumped;

    private EchoUpstream(WebApplication app) => _app = app;

    /// <summary>Address of the server.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public Uri Uri => new($"http://{Address}");

    /// <summary>Requests received so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The requests received so far, as they are answered.</summary>
    public IReadOnlyCollection<string> Received => _received;

    /// <summary>Bytes that clients of <c>/pump</c> have been sent, as far as this server can tell.</summary>
    public long Pumped => Volatile.Read(ref _pumped);

    /// <summary>Completes when a request for <c>/hold</c>, or below it, has arrived.</summary>
    public Task Held => _held.Task;

    public static async Task<EchoUpstream> StartAsync(HttpProtocols protocol = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxRequestLineSize = 128 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 128 * 1024;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocol);
        });
        builder.Services.AddSingleton(TimeProvider.System);
        var app = builder.Build();
        var upstream = new EchoUpstream(app);
        app.UseWebSockets();
        app.Run(upstream.AnswerAsync);
        await app.StartAsync();
        upstream.Address = IPEndPoint.Parse(new Uri(app.Urls.First()).Authority);
        return upstream;
    }

    /// <summary>Lets requests for <c>/hold</c> go on.</summary>
    public void Release() => _released.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Release();
        return _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        _received.Enqueue(Describe(context.Request));
        if (context.WebSockets.IsWebSocketRequest)
        {
            await EchoFramesAsync(await context.WebSockets.AcceptWebSocketAsync());
            return;
        }

        if (context.Request.Path.StartsWithSegments("/hold", out var below))
        {
            _held.TrySetResult();
            await _released.Task;
        }

        context.Response.Headers["x-reached"] = "upstream";
        if (context.Request.Path == "/stream")
        {
            await context.Response.WriteAsync("first,");
            await context.Response.Body.FlushAsync();
            await _released.Task;
            await context.Response.WriteAsync("last");
            return;
        }

        if (context.Request.Path == "/pump")
        {
            var block = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, CancellationToken.None);
                Interlocked.Add(ref _pumped, block.Length);
            }

            return;
        }

        if (context.Request.Path == "/upload" || below == "/upload")
        {
            await context.Response.WriteAsync($"{await CountAsync(context.Request.Body)} bytes");
            return;
        }

        await context.Response.WriteAsync(Describe(context.Request));
    }

    private static async Task<long> CountAsync(Stream body)
    {
        var buffer = new byte[64 * 1024];
        var count = 0L;
        while (await body.ReadAsync(buffer) is > 0 and var read)
        {
            count += read;
        }

        return count;
    }

    private static string Describe(HttpRequest request)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var lines = request.Headers.OrderBy(static header => header.Key, StringComparer.OrdinalIgnoreCase)
            .Select(static header => $"{header.Key.ToLowerInvariant()}: {header.Value}");
        return string.Join('\n', lines.Prepend($"{request.Method} {target} {request.Protocol}"));
    }

    private static async Task EchoFramesAsync(WebSocket socket)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is var frame && frame.MessageType != WebSocketMessageType.Close)
        {
            await socket.SendAsync(buffer.AsMemory(0, frame.Count), frame.MessageType, frame.EndOfMessage, CancellationToken.None);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }
}
