using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>The server the demo protects: answers 200 to everything, and counts, so that a leak would show.</summary>
internal sealed class DemoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private DemoUpstream(WebApplication app)
    {
        _app = app;
        _app.Run(AnswerAsync);
    }

    /// <summary>Requests that arrived here.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public Uri Address => new(_app.Urls.First());

    public static async Task<DemoUpstream> StartAsync(CancellationToken stop)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "api-server" });
        // The verb owns the signals, not this host.
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var upstream = new DemoUpstream(builder.Build());
        await upstream._app.StartAsync(stop).ConfigureAwait(false);
        return upstream;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        return context.Response.WriteAsync($"api-server: {context.Request.Method} {context.Request.Path}{context.Request.QueryString}\n", context.RequestAborted);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
