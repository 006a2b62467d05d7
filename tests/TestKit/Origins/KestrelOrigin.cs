using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace PolicyProxy.TestKit.Origins;

/// <summary>Kestrel without middleware, its limits opened so that it refuses as little as possible.</summary>
internal sealed class KestrelOrigin : Origin
{
    private const int MaxHeadBytes = 256 * 1024;

    private readonly WebApplication _app;

    private KestrelOrigin(WebApplication app) => _app = app;

    public override OriginKind Kind => OriginKind.Kestrel;

    public override IPEndPoint Address => IPEndPoint.Parse(new Uri(_app.Urls.First()).Authority);

    public static async Task<KestrelOrigin> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestBufferSize = null;
            kestrel.Limits.MaxRequestLineSize = MaxHeadBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeadBytes;
            kestrel.Limits.MaxRequestHeaderCount = 1000;
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton(TimeProvider.System);
        var app = builder.Build();
        var origin = new KestrelOrigin(app);
        app.Run(origin.AnswerAsync);
        await app.StartAsync();
        return origin;
    }

    public override ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        var seen = new OriginRequest
        {
            ClientPort = context.Connection.RemotePort,
            Method = request.Method,
            Target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            Path = Octets(request.Path.Value ?? string.Empty),
            Host = Octets(request.Headers.Host.ToString()),
            BodyBytes = body.Length,
            BodyDigest = OriginRequest.Digest(body.GetBuffer().AsSpan(0, (int)body.Length)),
            Fields = Octets(string.Concat(
                request.Headers.SelectMany(static field => field.Value.Select(value => $"{field.Key.ToLowerInvariant()}: {value}\r\n")))),
        };
        Log.Add(seen);
        context.Response.Headers[OriginRequest.SeenField] = seen.ToSeen();
        context.Response.ContentLength = 0;
    }

    // Kestrel reads field values and paths as UTF-8
    private static string Octets(string text) => System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
