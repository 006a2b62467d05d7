using System.Net;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Relay.Sockets;
using PolicyProxy.TestKit.Http;
using static PolicyProxy.Sidecar.Tests.Relay.Origins.TransparentBench;

namespace PolicyProxy.Sidecar.Tests.Relay.Origins;

public sealed class RedirectedIngressTests
{
    private const string Get = "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n";
    private static readonly IPAddress s_pod = IPAddress.Parse("198.51.100.2");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Connection_goes_to_the_same_port_on_loopback_and_shows_the_client(int family)
    {
        await using var app = Application(family == 0 ? IPAddress.Loopback : IPAddress.IPv6Loopback);
        await using var bench = await StartAsync(IngressPolicy(Rule(app.Address.Port)));
        var pod = new IPEndPoint(family == 0 ? s_pod : IPAddress.Parse("2001:db8::2"), app.Address.Port);
        using var socket = await bench.Redirection.ConnectAsync(bench.Server.IngressAddresses[family], pod);
        var client = (IPEndPoint)socket.LocalEndPoint!;
        using var http = new RawHttpConnection(socket);

        Assert.Equal("ok", (await http.SendAsync(Get)).Body);
        Assert.Equal(403, (await http.SendAsync(Get.Replace("/ok", "/no", StringComparison.Ordinal))).Status);

        var flow = bench.Seen()[0];
        Assert.Equal((FlowVerdict.Redirected, TrafficDirection.Ingress, client, pod), (flow.Verdict, flow.Direction, flow.Source.Address, flow.Destination.Address));
        Assert.Null(flow.Process);
        Assert.Equal([client], bench.Redirection.Shown);
    }

    [Theory]
    [InlineData(Libc.ENOPROTOOPT, true, 502)]
    [InlineData(Libc.ENOPROTOOPT, false, 200)]
    [InlineData(Libc.ENOMEM, false, 503)]
    public async Task Client_that_cannot_be_shown_fails_the_connection_unless_nobody_needs_it(int error, bool isNeeded, int status)
    {
        await using var app = Application(IPAddress.Loopback);
        await using var bench = await StartAsync(
            IngressPolicy(Rule(app.Address.Port)),
            options => options with { Transparent = options.Transparent! with { NeedsClientShown = isNeeded } });
        bench.Redirection.ShowError = error;
        using var client = await bench.Redirection.ConnectHttpAsync(bench.Ingress, new IPEndPoint(s_pod, app.Address.Port));

        Assert.Equal(status, (await client.SendAsync(Get)).Status);
        Assert.Equal(status == 200 ? 1 : 0, app.Connections);
    }

    [Fact]
    public async Task Kernel_without_the_shim_knows_no_such_option()
    {
        await using var app = Application(IPAddress.Loopback);
        var descriptor = StreamSocket.Create(System.Net.Sockets.AddressFamily.InterNetwork);

        Assert.Equal(Libc.ENOPROTOOPT, KernelRedirectedSockets.Instance.ShowClient(descriptor, app.Address));

        StreamSocket.Close(descriptor);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_to_the_proxys_own_port_is_not_sent_to_the_proxy_again(bool asksKernel)
    {
        await using var bench = await StartAsync(IngressPolicy("{fromEntities: [all]}"), options => options with
        {
            Transparent = options.Transparent! with { Sockets = asksKernel ? KernelRedirectedSockets.Instance : options.Transparent.Sockets },
        });

        await AssertResetAsync(() => bench.Redirection.ConnectHttpAsync(bench.Ingress, new IPEndPoint(s_pod, bench.Ingress.Port)));

        Assert.Equal((1, 0), (bench.Server.Counters.Strays, bench.Server.Counters.UpstreamConnects));
    }

    private static string Rule(int port) =>
        """{fromEntities: [all], toPorts: [{ports: [{port: "PORT", protocol: TCP}], rules: {http: [{path: /ok}]}}]}"""
            .Replace("PORT", $"{port}", StringComparison.Ordinal);

    private static ScriptedUpstream Application(IPAddress address) => ScriptedUpstream.Start(
        static async connection =>
        {
            while (await connection.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
            {
            }
        },
        new IPEndPoint(address, 0));
}
