using System.Diagnostics;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Sidecar.Tests;

/// <summary>nghttpd, an HTTP/2 server in C, with a folder to serve and a trailer behind every answer.</summary>
internal sealed class NghttpOrigin : IAsyncDisposable
{
    private readonly Process _process;

    private NghttpOrigin(Process process, Uri uri)
    {
        _process = process;
        Uri = uri;
    }

    public Uri Uri { get; }

    public static async Task<NghttpOrigin> StartAsync(string folder)
    {
        var port = FreePort.Find();
        var process = Tool.Start(new ProcessStartInfo(
            "nghttpd", ["--no-tls", "--address=127.0.0.1", "--trailer=grpc-status: 0", "-d", folder, $"{port}"]), "nghttp2-server");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await FreePort.IsServedAsync(port))
        {
            Assert.False(process.HasExited, "nghttpd has ended");
            await timer.WaitForNextTickAsync();
        }

        return new NghttpOrigin(process, new Uri($"http://127.0.0.1:{port}"));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
