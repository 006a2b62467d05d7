using System.Net;
using System.Net.Sockets;
using PolicyProxy.Flows;
using PolicyProxy.TestKit.Http;
using static PolicyProxy.Sidecar.Tests.Relay.Origins.TransparentBench;

namespace PolicyProxy.Sidecar.Tests.Relay.Origins;

/// <summary>Clients that name their destinations to the proxy: in the target of each request, or with CONNECT.</summary>
public sealed class NamedEgressTests
{
    private const string Http = "rules: {http: [{method: GET, path: /ok}]}";

    [Fact]
    public async Task Requests_of_one_connection_go_each_to_the_authority_it_names()
    {
        await using var a = Answering("a", IPAddress.Loopback);
        await using var b = Answering("b", IPAddress.Parse("127.0.0.2"));
        await using var bench = await StartProxyAsync(To(a.Address, Http), To(b.Address, Http));
        using var client = await ConnectAsync(bench);

        var answers = new List<string>();
        foreach (var upstream in new[] { a, b, b, a })
        {
            answers.Add((await client.SendAsync(Get(upstream.Address, "/ok"))).Body);
        }

        Assert.Equal("a b b a", string.Join(' ', answers));
        Assert.Equal((2, 1), (a.Connections, b.Connections));
        Assert.Equal(403, (await client.SendAsync(Get(b.Address, "/no"))).Status);
        Assert.Equal(200, (await client.SendAsync(Get(b.Address, "/ok"))).Status);
    }

    [Fact]
    public async Task Denied_destination_is_403_and_the_client_may_go_on()
    {
        await using var a = Answering("a", IPAddress.Loopback);
        await using var b = Answering("b", IPAddress.Parse("127.0.0.2"));
        await using var bench = await StartProxyAsync(To(a.Address, Http));
        using var client = await ConnectAsync(bench);

        Assert.Equal((403, "Access denied\r\n"), await client.SendAsync(Get(b.Address, "/ok")) is var denied ? (denied.Status, denied.Body) : default);
        Assert.Equal(200, (await client.SendAsync(Get(a.Address, "/ok"))).Status);
        Assert.Equal(0, b.Connections);
        var drop = Assert.Single(bench.Seen(), static flow => flow.Verdict == FlowVerdict.Dropped);
        Assert.Equal(b.Address, drop.Destination.Address);
    }

    [Fact]
    public async Task Origin_sees_its_own_form_without_what_was_for_the_proxy()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var bench = await StartProxyAsync(To(upstream.Address, "rules: {http: [{path: \"/.*\"}]}"));
        using var client = await ConnectAsync(bench);

        var seen = await client.SendAsync(
            $"POST http://{upstream.Address}/a?b=http://c/ HTTP/1.1\r\nHost: {upstream.Address}\r\nProxy-Connection: keep-alive\r\n"
            + "Proxy-Authorization: Basic c2VjcmV0\r\nX-Kept: 1\r\nContent-Length: 3\r\n\r\nxyz");
        var root = await client.SendAsync($"GET http://{upstream.Address} HTTP/1.1\r\nHost: {upstream.Address}\r\n\r\n");

        Assert.Equal($"POST /a?b=http://c/ HTTP/1.1\ncontent-length: 3\nhost: {upstream.Address}\nx-kept: 1", seen.Body);
        Assert.Equal($"GET / HTTP/1.1\nhost: {upstream.Address}", root.Body);
    }

    [Theory]
    [InlineData("GET http://{a}/ok HTTP/1.1\r\nHost: {b}\r\n\r\n")]
    [InlineData("GET /ok HTTP/1.1\r\nHost: {a}\r\n\r\n")]
    [InlineData("GET http://{a}/ok HTTP/1.1\r\nHost: {a}\r\nHost: {b}\r\n\r\n")]
    [InlineData("GET http://{a}/ok HTTP/1.1\r\nHost: {a}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("GET http://{a}/ok HTTP/1.0\r\n\r\n")]
    [InlineData("GET https://{a}/ok HTTP/1.1\r\nHost: {a}\r\n\r\n")]
    [InlineData("GET ftp://{a}/ok HTTP/1.1\r\nHost: {a}\r\n\r\n")]
    [InlineData("GET http://user@{a}/ok HTTP/1.1\r\nHost: user@{a}\r\n\r\n")]
    [InlineData("GET http://127.0.0.1%00:80/ok HTTP/1.1\r\nHost: 127.0.0.1%00:80\r\n\r\n")]
    [InlineData("GET http://127.0.0.1:65536/ok HTTP/1.1\r\nHost: 127.0.0.1:65536\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: {a}\r\n\r\n")]
    [InlineData("CONNECT 127.0.0.1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")]
    [InlineData("CONNECT user@{a} HTTP/1.1\r\nHost: {a}\r\n\r\n")]
    [InlineData("CONNECT {a} HTTP/1.1\r\nHost: {b}\r\n\r\n")]
    [InlineData("CONNECT {a} HTTP/1.1\r\nHost: {a}\r\nContent-Length: 5\r\n\r\n12345")]
    [InlineData("CONNECT http://{a}/ HTTP/1.1\r\nHost: {a}\r\n\r\n")]
    public async Task Request_that_does_not_say_plainly_where_to_is_400_in_audit_mode_too(string request)
    {
        await using var upstream = Answering("a", IPAddress.Loopback);
        await using var bench = await StartProxyAsync(true, To(upstream.Address));
        using var client = await ConnectAsync(bench);

        var text = request.Replace("{a}", upstream.Address.ToString(), StringComparison.Ordinal).Replace("{b}", "127.0.0.9:80", StringComparison.Ordinal);
        Assert.Equal(400, (await client.SendAsync(text)).Status);
        Assert.Equal(0, upstream.Connections);
    }

    [Fact]
    public async Task Name_without_an_address_is_502()
    {
        await using var bench = await StartProxyAsync(true);
        foreach (var request in new[] { "GET http://no-such-host.invalid/ HTTP/1.1\r\nHost: no-such-host.invalid\r\n\r\n", "CONNECT no-such-host.invalid:443 HTTP/1.0\r\n\r\n" })
        {
            using var client = await ConnectAsync(bench);
            Assert.Contains((await client.SendAsync(request)).Status, new[] { 502, 504 });
        }
    }

    [Fact]
    public async Task Name_with_several_addresses_reaches_the_one_that_listens_and_is_judged_by_it()
    {
        // "localhost" is ::1 and 127.0.0.1 where the machine has both; the server has only the second.
        await using var upstream = Answering("a", IPAddress.Loopback);
        await using var bench = await StartProxyAsync(To(upstream.Address, Http), To(new IPEndPoint(IPAddress.IPv6Loopback, upstream.Address.Port), "rules: {http: [{}]}"));
        using var client = await ConnectAsync(bench);
        var host = $"localhost:{upstream.Address.Port}";

        Assert.Equal("a", (await client.SendAsync($"GET http://{host}/ok HTTP/1.1\r\nHost: {host}\r\n\r\n")).Body);
        Assert.NotEqual(200, (await client.SendAsync($"GET http://{host}/no HTTP/1.1\r\nHost: {host}\r\n\r\n")).Status);
        using var tunnel = await ConnectAsync(bench);
        Assert.Equal(200, (await tunnel.SendAsync($"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n")).Status);
        Assert.Equal(200, (await tunnel.SendAsync("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n")).Status);
        Assert.Equal(403, (await tunnel.SendAsync("GET /no HTTP/1.1\r\nHost: x\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("0.0.0.0")]
    [InlineData("127.1")]
    public async Task Other_spelling_of_an_address_is_judged_as_the_address_it_reaches(string host)
    {
        await using var upstream = Answering("a", IPAddress.Loopback);
        await using var denying = await StartProxyAsync("{toCIDRSet: [{cidr: 0.0.0.0/0, except: [127.0.0.1/32]}, {cidr: \"::/0\"}]}");
        await using var allowing = await StartProxyAsync(To(upstream.Address, Http));
        var request = $"GET http://{host}:{upstream.Address.Port}/ok HTTP/1.1\r\nHost: {host}:{upstream.Address.Port}\r\n\r\n";
        using var denied = await ConnectAsync(denying);
        using var allowed = await ConnectAsync(allowing);

        Assert.Equal(403, (await denied.SendAsync(request)).Status);
        Assert.Equal(200, (await allowed.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Tunnel_to_a_port_with_rules_is_judged_inside()
    {
        await using var upstream = Answering("a", IPAddress.Loopback);
        await using var bench = await StartProxyAsync(To(upstream.Address, Http));
        using var client = await ConnectAsync(bench);

        Assert.Equal(200, (await client.SendAsync(Connect(upstream.Address))).Status);
        Assert.Equal("a", (await client.SendAsync("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n")).Body);
        Assert.Equal(403, (await client.SendAsync("GET /no HTTP/1.1\r\nHost: x\r\n\r\n")).Status);

        // Inside, nobody names destinations any more.
        Assert.Equal("a", (await client.SendAsync("GET http://127.0.0.9:9/ok HTTP/1.1\r\nHost: 127.0.0.9:9\r\n\r\n")).Body);
        Assert.Equal(400, (await client.SendAsync("\u0016\u0003\u0001\0\u0005hello\r\n\r\n")).Status);
        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task Tunnel_to_a_port_without_rules_passes_bytes_behind_the_200()
    {
        await using var upstream = ScriptedUpstream.Start(static async connection =>
        {
            await connection.Bytes.WriteAsync("220 ready");
            await connection.Bytes.WriteAsync(await connection.Bytes.ReadAsync(5));
        });
        await using var bench = await StartProxyAsync(To(upstream.Address));
        using var client = await ConnectAsync(bench);

        await client.WriteAsync(Connect(upstream.Address) + "hello");
        Assert.Equal("HTTP/1.1 200 Connection established", (await client.ReadAsync(hasBody: false)).Head);
        Assert.Equal(("220 readyhello", ConnectionEnd.Closed), await client.Bytes.ReadToEndAsync());
        Assert.Equal(1, bench.Server.Counters.Tunnels);
    }

    [Fact]
    public async Task Tunnel_that_is_refused_is_403_and_what_follows_is_no_request()
    {
        await using var a = Answering("a", IPAddress.Loopback);
        await using var b = Answering("b", IPAddress.Parse("127.0.0.2"));
        await using var bench = await StartProxyAsync(To(a.Address, Http));
        using var client = await ConnectAsync(bench);

        await client.WriteAsync(Connect(b.Address) + Get(a.Address, "/ok"));
        Assert.Equal((403, "Access denied\r\n"), await client.ReadAsync() is var denied ? (denied.Status, denied.Body) : default);
        Assert.True(await client.IsClosedAsync());
        Assert.Equal((0, 0), (a.Connections, b.Connections));
    }

    [Fact]
    public async Task What_nobody_here_can_inspect_is_403_in_audit_mode_too()
    {
        await using var upstream = Answering("a", IPAddress.Loopback);
        await using var bench = await StartProxyAsync(true, To(upstream.Address, "rules: {dns: [{matchPattern: \"*\"}]}"));
        foreach (var request in new[] { Connect(upstream.Address), Get(upstream.Address, "/ok") })
        {
            using var client = await ConnectAsync(bench);
            Assert.Equal(403, (await client.SendAsync(request)).Status);
        }

        Assert.Equal(0, upstream.Connections);
    }

    [Fact]
    public async Task Destination_that_refuses_is_502()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound but not listening
        var dead = (IPEndPoint)reserved.LocalEndPoint!;
        await using var bench = await StartProxyAsync(To(dead));
        using var client = await ConnectAsync(bench);

        Assert.Equal(502, (await client.SendAsync(Get(dead, "/ok"))).Status);
        Assert.Equal(502, (await client.SendAsync(Connect(dead))).Status);
    }

    [Fact]
    public async Task Tunnel_is_cut_when_policy_closes_the_port()
    {
        await using var upstream = ScriptedUpstream.Start(static async connection =>
        {
            await connection.Bytes.WriteAsync("a");
            await connection.Bytes.ReadToEndAsync();
        });
        await using var bench = await StartProxyAsync(To(upstream.Address));
        using var client = await ConnectAsync(bench);
        await client.WriteAsync(Connect(upstream.Address));
        _ = await client.ReadAsync(hasBody: false);
        Assert.Equal("a", await client.Bytes.ReadAsync(1));

        await bench.ReloadAsync(EgressPolicy("{}"));
        Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
    }

    private static Task<TransparentBench> StartProxyAsync(params string[] rules) => StartProxyAsync(false, rules);

    private static Task<TransparentBench> StartProxyAsync(bool audit, params string[] rules) => StartAsync(
        EgressPolicy(rules.Length == 0 ? ["{}"] : rules),
        options => options with { Transparent = null, ServesNamedDestinations = true, Audit = audit });

    private static async Task<RawHttpConnection> ConnectAsync(TransparentBench bench)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(bench.Server.ProxyAddresses[0]);
        return new RawHttpConnection(socket);
    }

    private static string Get(IPEndPoint to, string path) => $"GET http://{to}{path} HTTP/1.1\r\nHost: {to}\r\n\r\n";

    private static string Connect(IPEndPoint to) => $"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n";

    private static ScriptedUpstream Answering(string name, IPAddress address) => ScriptedUpstream.Start(
        async connection =>
        {
            while (await connection.AnswerAsync($"HTTP/1.1 200 OK\r\nContent-Length: {name.Length}\r\n\r\n{name}"))
            {
            }
        },
        new IPEndPoint(address, 0));
}
