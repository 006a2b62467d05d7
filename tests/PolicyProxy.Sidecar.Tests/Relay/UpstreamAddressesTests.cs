using System.Net;
using System.Net.Sockets;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

public sealed class UpstreamAddressesTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    [Fact]
    public async Task Addresses_are_tried_in_order_until_one_accepts()
    {
        using var refusing = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        refusing.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0)); // bound but not listening
        await using var accepting = ScriptedUpstream.Start(static connection =>
            connection.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        await using var relay = await BareRelay.StartAsync(
            new RelayOptions(), (IPEndPoint)refusing.LocalEndPoint!, IPEndPoint.Parse("[::1]:1"), accepting.Address, IPEndPoint.Parse("127.0.0.1:1"));

        var response = await RawHttpConnection.SendAsync(relay.Address, Get);

        Assert.Equal("ok", response.Body);
        Assert.Equal((3, 2), (relay.Server.Counters.UpstreamConnects, relay.Server.Counters.UpstreamConnectFailures));
    }

    [Fact]
    public async Task Addresses_that_all_refuse_give_502()
    {
        await using var relay = await BareRelay.StartAsync(new RelayOptions(), IPEndPoint.Parse("[::1]:1"), IPEndPoint.Parse("127.0.0.1:1"));
        using var client = await RawHttpConnection.ConnectAsync(relay.Address);

        var first = await client.SendAsync(Get);
        var second = await client.SendAsync(Get);

        Assert.Equal((502, 502), (first.Status, second.Status));
        Assert.Equal(4, relay.Server.Counters.UpstreamConnectFailures);
    }

    [Fact]
    public async Task Name_is_resolved_when_the_relay_starts()
    {
        await using var upstream = ScriptedUpstream.Start(static connection =>
            connection.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        await using var sidecar = await SidecarServer.StartAsync(OpenSidecar.Options(new Uri($"http://localhost:{upstream.Address.Port}")));

        var response = await RawHttpConnection.SendAsync(sidecar.Addresses[0], Get);

        Assert.Equal("ok", response.Body);
    }

    [Fact]
    public async Task Name_that_does_not_exist_is_a_one_line_error()
    {
        var error = await Assert.ThrowsAsync<SidecarStartException>(
            () => SidecarServer.StartAsync(OpenSidecar.Options(new Uri("http://no-such-name.invalid:1"))));

        Assert.StartsWith("cannot resolve upstream 'no-such-name.invalid': ", error.Message, StringComparison.Ordinal);
    }
}
