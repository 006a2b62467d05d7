using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PolicyProxy.FunctionalTests.Client;

/// <summary>
/// A web server on one address. <c>/to?CODE&amp;URL</c> redirects, <c>/cookie</c> sets one; everything is answered with the request line and the
/// fields a test asks for with <see cref="Show"/>.
/// </summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string[] _shown;

    private WebServer(WebApplication app, string[] shown) => (_app, _shown) = (app, shown);

    public int Port { get; private set; }

    /// <summary>Every request: connection, method, host and target.</summary>
    public ConcurrentQueue<(string Connection, string Line)> Requests { get; } = new();

    /// <summary>Starts a server on a free port.</summary>
    /// <param name="address">Where.</param>
    /// <param name="protocols">What it speaks.</param>
    /// <param name="certificate">Null = it speaks in the open.</param>
    /// <param name="show">Fields to answer with.</param>
    public static async Task<WebServer> StartAsync(
        IPAddress address, HttpProtocols protocols = HttpProtocols.Http1, X509Certificate2? certificate = null, params string[] show)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(address, 0, listen =>
        {
            listen.Protocols = protocols;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        var app = builder.Build();
        var server = new WebServer(app, show);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        server.Port = new Uri(app.Urls.First()).Port;
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        Requests.Enqueue((context.Connection.Id, $"{request.Method} {request.Host} {request.Path}{request.QueryString}"));
        if (request.Path == "/to")
        {
            var parts = request.QueryString.Value![1..].Split('&', 2);
            context.Response.StatusCode = int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers.Location = parts[1];
            return Task.CompletedTask;
        }

        if (request.Path == "/cookie")
        {
            context.Response.Headers.SetCookie = "seen=yes; path=/";
        }

        return context.Response.WriteAsync(string.Join('|', [$"{request.Method} {request.Path}", .. _shown.Select(name => $"{name}={request.Headers[name]}")]));
    }
}
