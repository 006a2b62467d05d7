using System.Net;
using System.Net.Sockets;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay.Handover;

/// <summary>One sidecar takes the listening sockets over from another.</summary>
public sealed class HandoverTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private string Path => System.IO.Path.Combine(_folder.FullName, "handover");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Next_sidecar_serves_at_the_same_port_and_the_first_one_drains()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var first = await SidecarServer.StartAsync(Options(upstream, port: 0));
        var address = first.Addresses[0];
        using var kept = await RawHttpConnection.ConnectAsync(address);
        await kept.WriteAsync("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
        await upstream.Held;

        await using var next = await SidecarServer.StartAsync(Options(upstream, address.Port));
        await first.HandedOver.WaitAsync(TimeSpan.FromSeconds(30));
        var stopping = first.StopAsync();
        var response = await RawHttpConnection.SendAsync(address, "GET /new HTTP/1.1\r\nHost: x\r\n\r\n");
        upstream.Release();
        var old = await kept.ReadAsync();
        await stopping;
        var last = await RawHttpConnection.SendAsync(address, "GET /last HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal((200, 200, 200), (response.Status, old.Status, last.Status));
        Assert.InRange(next.Counters.Accepted, 1, 2); // the first may have accepted the one that came while it was told
        Assert.True(File.Exists(Path));
    }

    [Fact]
    public async Task No_connection_fails_during_many_hand_overs()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        var current = await SidecarServer.StartAsync(Options(upstream, port: 0));
        var address = current.Addresses[0];
        using var end = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => RequestUntilAsync(address, end.Token)).ToArray();

        for (var upgrades = 0; upgrades < 10; upgrades++)
        {
            var next = await SidecarServer.StartAsync(Options(upstream, address.Port));
            await current.HandedOver.WaitAsync(TimeSpan.FromSeconds(30));
            await current.StopAsync();
            await current.DisposeAsync();
            current = next;
        }

        await end.CancelAsync();
        var served = await Task.WhenAll(clients);
        await current.DisposeAsync();

        Assert.All(served, static count => Assert.True(count > 0));
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task Sidecar_that_fails_to_start_changes_nothing_for_the_one_that_serves()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var first = await SidecarServer.StartAsync(Options(upstream, port: 0));
        var address = first.Addresses[0];

        await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(
            Options(upstream, address.Port) with { Listen = [address, IPEndPoint.Parse("192.0.2.1:80")] }));
        var response = await RawHttpConnection.SendAsync(address, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.False(first.HandedOver.IsCompleted);
    }

    [Fact]
    public async Task Process_that_asks_and_says_no_more_does_not_hold_up_the_stop()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await SidecarServer.StartAsync(Options(upstream, port: 0));
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await silent.ConnectAsync(new UnixDomainSocketEndPoint(Path));
        Assert.Equal(1, await silent.ReceiveAsync(new byte[1])); // it has been answered and is waited for

        await sidecar.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.False(sidecar.HandedOver.IsCompleted);
    }

    [Fact]
    public async Task Socket_of_a_dead_process_is_replaced()
    {
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(Path));
        }

        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await SidecarServer.StartAsync(Options(upstream, port: 0));

        Assert.Equal(200, (await RawHttpConnection.SendAsync(sidecar.Addresses[0], "GET /x HTTP/1.1\r\nHost: x\r\n\r\n")).Status);
        Assert.True(File.Exists(Path));
    }

    [Fact]
    public async Task Path_that_cannot_be_used_is_a_one_line_error()
    {
        await using var upstream = await EchoUpstream.StartAsync();

        var error = await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(
            Options(upstream, port: 0) with { HandoverPath = System.IO.Path.Combine(_folder.FullName, "missing", "socket") }));

        Assert.Contains("hand-over socket", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static async Task<int> RequestUntilAsync(IPEndPoint address, CancellationToken end)
    {
        var served = 0;
        while (!end.IsCancellationRequested)
        {
            var response = await RawHttpConnection.SendAsync(address, "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            Assert.Equal(200, response.Status);
            served++;
        }

        return served;
    }

    private SidecarOptions Options(EchoUpstream upstream, int port) => OpenSidecar.Options(upstream.Uri) with
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, port)],
        HandoverPath = Path,
    };
}
