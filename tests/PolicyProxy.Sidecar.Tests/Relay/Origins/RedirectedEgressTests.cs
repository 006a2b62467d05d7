using System.Net;
using System.Net.Sockets;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;
using static PolicyProxy.Sidecar.Tests.Relay.Origins.TransparentBench;

namespace PolicyProxy.Sidecar.Tests.Relay.Origins;

public sealed class RedirectedEgressTests
{
    private const string Http = "rules: {http: [{method: GET, path: /ok}]}";

    [Theory]
    [InlineData(UpstreamReuse.Client)]
    [InlineData(UpstreamReuse.Shared)]
    internal async Task Each_connection_goes_where_it_was_going_and_stays_there(UpstreamReuse reuse)
    {
        await using var a = Answering("a", IPAddress.Loopback);
        await using var b = Answering("b", IPAddress.Parse("127.0.0.2"));
        await using var bench = await StartAsync(
            EgressPolicy(To(a.Address, Http), To(b.Address, Http)), options => options with { Relay = new RelayOptions { Reuse = reuse } });
        using var toA = await bench.ConnectAsync(a.Address);
        using var toB = await bench.ConnectAsync(b.Address);

        var answers = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            // The name says the other one, and nobody asks for it.
            answers.Add((await toA.SendAsync(Get("/ok", b.Address.ToString()))).Body);
            answers.Add((await toB.SendAsync(Get("/ok", a.Address.ToString()))).Body);
        }

        Assert.Equal("a b a b a b", string.Join(' ', answers));
        Assert.Equal((1, 1, 2), (a.Connections, b.Connections, bench.Server.Counters.UpstreamConnects));
    }

    [Fact]
    public async Task Policy_denies_one_destination_and_paths_of_the_other()
    {
        await using var a = Answering("a", IPAddress.Loopback);
        await using var b = Answering("b", IPAddress.Parse("127.0.0.2"));
        await using var bench = await StartAsync(EgressPolicy(To(a.Address, Http)), options => options with { RefusedConnection = Enforcement.AspNetCore.RefusedConnection.Reset });
        using var toA = await bench.ConnectAsync(a.Address);

        Assert.Equal(200, (await toA.SendAsync(Get("/ok"))).Status);
        Assert.Equal(403, (await toA.SendAsync(Get("/other"))).Status);
        Assert.Equal(200, (await toA.SendAsync(Get("/ok"))).Status);
        await AssertResetAsync(() => bench.ConnectAsync(b.Address));

        Assert.Equal((1, 0), (a.Connections, b.Connections));
        Assert.Equal((1, 0), (bench.Server.Counters.Refused, bench.Server.Counters.Strays));
    }

    [Fact]
    public async Task Flows_show_egress_to_the_original_destination_by_the_process()
    {
        await using var upstream = Answering("a", IPAddress.Loopback);
        await using var bench = await StartAsync(EgressPolicy(To(upstream.Address, Http)));
        using var socket = await bench.Redirection.ConnectAsync(bench.Egress, upstream.Address);
        var source = (IPEndPoint)socket.LocalEndPoint!;
        using var client = new RawHttpConnection(socket);

        Assert.Equal(200, (await client.SendAsync(Get("/ok"))).Status);
        await RelayBench.UntilAsync(() => bench.Flows.SeenFlows == 3, "connection, request and response");

        var flows = bench.Seen();
        Assert.Equal([FlowVerdict.Redirected, FlowVerdict.Forwarded, FlowVerdict.Forwarded], flows.Select(static flow => flow.Verdict));
        Assert.All(flows, flow => Assert.Equal((TrafficDirection.Egress, TestRedirection.Process), (flow.Direction, flow.Process)));
        Assert.All(flows, flow => Assert.Equal((source, upstream.Address), flow.IsReply
            ? (flow.Destination.Address, flow.Source.Address)
            : (flow.Source.Address, flow.Destination.Address)));
    }

    [Fact]
    public async Task Both_families_listen_on_one_port_and_reach_IPv6()
    {
        await using var upstream = Answering("six", IPAddress.IPv6Loopback);
        await using var bench = await StartAsync(EgressPolicy(To(upstream.Address, Http)));
        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], bench.Server.EgressAddresses.Select(static address => address.Address));
        Assert.Single(bench.Server.EgressAddresses.Select(static address => address.Port).Distinct());
        Assert.Equal(bench.Server.IngressAddresses.Count, bench.Server.IngressDescriptors.Distinct().Count());
        using var client = await bench.Redirection.ConnectHttpAsync(bench.Server.EgressAddresses[1], upstream.Address);

        Assert.Equal("six", (await client.SendAsync(Get("/ok"))).Body);
        Assert.Equal(403, (await client.SendAsync(Get("/no"))).Status);
    }

    [Fact]
    public async Task Connection_to_the_proxys_own_port_is_reset_whatever_policy_says()
    {
        await using var bench = await StartAsync(
            EgressPolicy("{toEntities: [all]}"),
            static options => options with { Transparent = new TransparentOptions { Egress = true, Sockets = KernelRedirectedSockets.Instance }, Audit = true });
        Assert.Empty(bench.Server.IngressAddresses);

        foreach (var address in bench.Server.EgressAddresses)
        {
            await AssertResetAsync(async () =>
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(address);
                return new RawHttpConnection(socket);
            });
        }

        Assert.Equal((bench.Server.EgressAddresses.Count, 0), (bench.Server.Counters.Strays, bench.Server.Counters.Accepted));
        Assert.Equal(0, bench.Flows.SeenFlows);
    }

    [Fact]
    public async Task Connection_that_needs_no_inspection_passes_as_bytes_to_its_destination()
    {
        await using var upstream = ScriptedUpstream.Start(static async connection => await connection.Bytes.WriteAsync("220 ready"));
        await using var bench = await StartAsync(EgressPolicy(To(upstream.Address)));
        using var client = await bench.ConnectAsync(upstream.Address);

        Assert.Equal(("220 ready", ConnectionEnd.Closed), await client.Bytes.ReadToEndAsync() is var read ? (read.Text, read.End) : default);
        Assert.Equal(1, bench.Server.Counters.Tunnels);
    }

    [Fact]
    public async Task What_nobody_here_can_inspect_is_reset_in_audit_mode_too()
    {
        await using var upstream = Answering("a", IPAddress.Loopback);
        foreach (var audit in new[] { false, true })
        {
            await using var bench = await StartAsync(EgressPolicy(To(upstream.Address, "serverNames: [example.com]")), options => options with
            {
                Audit = audit,
                Relay = options.Relay with { PassThrough = false },
            });
            await AssertResetAsync(() => bench.ConnectAsync(upstream.Address));
            var drop = bench.Seen()[^1];
            Assert.Equal((FlowVerdict.Dropped, VerdictReason.Unsupported, TestRedirection.Process), (drop.Verdict, drop.Reason, drop.Process));
            Assert.Contains(nameof(L7Kind.Tls), drop.Note, StringComparison.Ordinal);
        }

        Assert.Equal(0, upstream.Connections);
    }

    [Fact]
    public async Task Destination_that_refuses_is_502_and_the_client_may_go_on()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound but not listening
        var dead = (IPEndPoint)reserved.LocalEndPoint!;
        await using var bench = await StartAsync(EgressPolicy(To(dead, Http)));
        using var client = await bench.ConnectAsync(dead);

        Assert.Equal((502, 502), ((await client.SendAsync(Get("/ok"))).Status, (await client.SendAsync(Get("/ok"))).Status));
        Assert.Equal(2, bench.Server.Counters.UpstreamConnectFailures);
    }

    [Fact]
    public async Task Policy_that_begins_to_need_inspection_nobody_can_do_refuses_the_next_request()
    {
        await using var upstream = Answering("a", IPAddress.Loopback);
        await using var bench = await StartAsync(EgressPolicy(To(upstream.Address, Http)));
        using var client = await bench.ConnectAsync(upstream.Address);

        Assert.Equal(200, (await client.SendAsync(Get("/ok"))).Status);
        await bench.ReloadAsync(EgressPolicy(To(upstream.Address, "rules: {kafka: [{apiKey: produce}]}")));
        Assert.Equal(403, (await client.SendAsync(Get("/ok"))).Status);
    }

    [Fact]
    public async Task Policy_that_begins_to_need_inspection_cuts_a_connection_that_passes_as_bytes()
    {
        await using var upstream = ScriptedUpstream.Start(static async connection =>
        {
            await connection.Bytes.WriteAsync("a");
            await connection.Bytes.ReadToEndAsync();
        });
        await using var bench = await StartAsync(EgressPolicy(To(upstream.Address)));
        using var client = await bench.ConnectAsync(upstream.Address);

        Assert.Equal("a", await client.Bytes.ReadAsync(1));
        await bench.ReloadAsync(EgressPolicy(To(upstream.Address, Http)));
        Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
    }

    private static string Get(string path, string host = "x") => $"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n";

    private static ScriptedUpstream Answering(string name, IPAddress address) => ScriptedUpstream.Start(
        async connection =>
        {
            while (await connection.AnswerAsync($"HTTP/1.1 200 OK\r\nContent-Length: {name.Length}\r\n\r\n{name}"))
            {
            }
        },
        new IPEndPoint(address, 0));
}
