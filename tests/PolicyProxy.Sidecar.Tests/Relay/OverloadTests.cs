using System.Globalization;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>At a limit new connections are refused at once and old ones go on.</summary>
public sealed class OverloadTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";

    [Fact]
    public async Task Connection_beyond_the_limit_is_reset_and_there_is_room_again_when_one_ends()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await SidecarServer.StartAsync(
            OpenSidecar.Options(upstream.Uri) with { Relay = new RelayOptions { MaxConnections = 2 } });
        var address = sidecar.Addresses[0];
        using var first = await RawHttpConnection.ConnectAsync(address);
        using var second = await RawHttpConnection.ConnectAsync(address);
        Assert.Equal((200, 200), ((await first.SendAsync(Get)).Status, (await second.SendAsync(Get)).Status));

        Assert.Equal(0, (await RawHttpConnection.SendAsync(address, Get)).Status);
        Assert.Equal((200, 200), ((await first.SendAsync(Get)).Status, (await second.SendAsync(Get)).Status));
        Assert.Equal(1, sidecar.Counters.Overloaded);

        second.Dispose();
        Assert.True(await UntilAsync(async () => (await RawHttpConnection.SendAsync(address, Get)).Status == 200));
    }

    [Fact]
    public async Task Process_without_free_descriptors_refuses_new_connections_and_serves_again_when_it_has_some()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        using var sidecar = await SidecarProcess.StartAsync(upstream.Address);
        using var old = await RawHttpConnection.ConnectAsync(sidecar.Address);
        Assert.Equal(200, (await old.SendAsync(Get)).Status);

        // Those above the highest one are gone; connections fill the gaps below it until there is none left.
        await LimitDescriptorsAsync(sidecar, HighestDescriptor(sidecar) + 1);
        var open = new List<RawHttpConnection>();
        var status = 200;
        while (status == 200)
        {
            status = 0;
            if (await RawHttpConnection.ConnectOrResetAsync(sidecar.Address) is { } connection)
            {
                open.Add(connection);
                status = (await connection.SendAsync(Get)).Status;
            }

            Assert.InRange(open.Count, 0, 1_000);
        }

        Assert.True(status is 0 or 503, $"{status}");

        Assert.Equal(200, (await old.SendAsync(Get)).Status);

        open.ForEach(static connection => connection.Dispose());
        await LimitDescriptorsAsync(sidecar, 1024);
        Assert.Equal(200, (await RawHttpConnection.SendAsync(sidecar.Address, Get)).Status);
    }

    private static int HighestDescriptor(SidecarProcess sidecar) =>
        Directory.GetFiles($"/proc/{sidecar.Id}/fd").Max(static path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));

    // The soft limit only, so that it can be raised again.
    private static Task<string> LimitDescriptorsAsync(SidecarProcess sidecar, int limit) =>
        Tool.RunAsync("prlimit", "util-linux", "--pid", sidecar.Id, string.Create(CultureInfo.InvariantCulture, $"--nofile={limit}:"));

    // Whether the relay has noticed the end of a connection cannot be seen from outside but by trying.
    private static async Task<bool> UntilAsync(Func<Task<bool>> condition)
    {
        var started = Environment.TickCount64;
        while (Environment.TickCount64 - started < 30_000)
        {
            if (await condition())
            {
                return true;
            }
        }

        return false;
    }
}
