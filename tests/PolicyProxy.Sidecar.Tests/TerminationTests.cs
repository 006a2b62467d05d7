using System.Net.Sockets;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests;

/// <summary>The real process, ended as Kubernetes ends it.</summary>
public sealed class TerminationTests
{
    [Fact]
    public async Task Terminated_sidecar_finishes_running_requests_and_exits_0()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        using var sidecar = await SidecarProcess.StartAsync(upstream.Address);
        using var running = await RawHttpConnection.ConnectAsync(sidecar.Address);
        using var silent = await RawHttpConnection.ConnectAsync(sidecar.Address);
        await running.WriteAsync("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
        await upstream.Held;

        await Tool.RunAsync("kill", "procps", "-TERM", sidecar.Id);
        Assert.True(await silent.IsClosedAsync());
        await Assert.ThrowsAsync<SocketException>(() => RawHttpConnection.ConnectAsync(sidecar.Address));
        upstream.Release();
        var response = await running.ReadAsync();

        Assert.Equal((200, 0), (response.Status, await sidecar.ExitAsync()));
    }
}
