using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace PolicyProxy.Sidecar.Tests;

public sealed class TransparentOptionsTests
{
    [Fact]
    public async Task Sidecar_that_would_listen_nowhere_does_not_start()
    {
        var nowhere = new SidecarOptions { Transparent = new TransparentOptions(), Configure = static builder => builder.FromText(OpenSidecar.Policy) };

        var error = await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(nowhere));

        Assert.Equal("there is no address to listen on", error.Message);
    }

    [Fact]
    public async Task Clients_of_the_sidecar_itself_need_an_upstream()
    {
        var options = new SidecarOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Transparent = new TransparentOptions { Egress = true },
            Configure = static builder => builder.FromText(OpenSidecar.Policy),
        };

        var error = await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(options));

        Assert.Equal("there is an address to listen on, but no upstream", error.Message);
    }

    [Fact]
    public async Task Port_that_is_taken_on_one_of_both_addresses_is_not_used()
    {
        using var taken = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = false };
        taken.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        taken.Listen();
        var port = (ushort)((IPEndPoint)taken.LocalEndPoint!).Port;
        var options = new SidecarOptions
        {
            Transparent = new TransparentOptions { Egress = true, EgressPort = port },
            Configure = static builder => builder.FromText(OpenSidecar.Policy),
        };

        var error = await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(options));

        Assert.StartsWith($"cannot listen on port {port} of 127.0.0.1 and [::1]: ", error.Message, StringComparison.Ordinal);
    }
}
