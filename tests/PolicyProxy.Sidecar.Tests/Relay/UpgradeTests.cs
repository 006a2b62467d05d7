using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Upgrade (RFC 9110 §7.8): WebSocket is judged and relayed, everything else is taken out.</summary>
public sealed class UpgradeTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private const string Upgrade = "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\nSec-WebSocket-Version: 13\r\n\r\n";
    private const string Switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    [Theory]
    [InlineData("Connection: Upgrade\r\nUpgrade: foo/2\r\nA: b\r\n", "A: b\r\n")]
    [InlineData("Connection: keep-alive, upgrade\r\nUpgrade: websocket, h2c\r\n", "Connection:keep-alive\r\n")]
    [InlineData("Connection: upgrade\r\nConnection: x,upgrade\r\nUpgrade: TLS/1.0\r\n", "Connection:x\r\n")]
    [InlineData("Upgrade: websocket\r\n", "")] // without the connection option it is no proper wish
    public async Task Wish_for_another_protocol_is_taken_out(string fields, string left)
    {
        var received = new Signal<string?>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            received.Set(await connection.ReadRequestAsync());
            await connection.Bytes.WriteAsync(Switching);
        });
        using var client = await bench.ConnectAsync();

        var response = await client.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\n{fields}\r\n");

        Assert.Equal($"GET / HTTP/1.1\r\nHost: x\r\n{left}\r\n", await received.Task);
        Assert.Equal(502, response.Status); // and an origin that switches all the same has not been asked
    }

    [Theory]
    [InlineData("POST /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("GET /chat HTTP/1.0\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")]
    public async Task Improper_WebSocket_request_is_forwarded_without_its_wish(string request)
    {
        var received = new Signal<string?>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            received.Set(await connection.ReadRequestAsync());
            await connection.Bytes.WriteAsync(Ok);
        });

        var response = await RawHttpConnection.SendAsync(bench.Address, request);

        Assert.Equal(200, response.Status);
        Assert.DoesNotContain("pgrade", await received.Task, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSocket_is_relayed_as_bytes_early_ones_included()
    {
        await using var bench = await RelayBench.StartAsync(static async connection =>
        {
            Assert.Equal(Upgrade, await connection.ReadRequestAsync());
            Assert.False(connection.Bytes.HasUnread); // nothing behind the request before the switch
            await connection.Bytes.WriteAsync(Switching + "server first");
            Assert.Equal("early GET / HTTP/1.1\n", await connection.Bytes.ReadAsync(21));
            await connection.Bytes.WriteAsync("\0\u00ff");
            await connection.Bytes.WriteAsync(await connection.Bytes.ReadAsync(4));
            await connection.Bytes.ReadToEndAsync();
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Upgrade + "early GET / HTTP/1.1\n");
        Assert.Equal(Switching + "server first\0\u00ff", await client.Bytes.ReadAsync(Switching.Length + 14));
        await client.WriteAsync("echo");
        Assert.Equal("echo", await client.Bytes.ReadAsync(4));

        Assert.Equal((1, 1), (bench.Counters.Tunnels, bench.Counters.Active));
    }

    [Fact]
    public async Task Each_side_of_a_tunnel_ends_on_its_own()
    {
        await using var bench = await RelayBench.StartAsync(static async connection =>
        {
            await connection.AnswerAsync(Switching);
            var (text, end) = await connection.Bytes.ReadToEndAsync();
            await connection.Bytes.WriteAsync($"{text} {end}");
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Upgrade);
        await client.Bytes.ReadAsync(Switching.Length);
        await client.WriteAsync("last words");
        client.Bytes.EndSending();

        Assert.Equal(("last words Closed", ConnectionEnd.Closed), await client.Bytes.ReadToEndAsync());
    }

    [Fact]
    public async Task Tunnel_goes_on_when_the_origin_ends_first()
    {
        var text = new Signal<(string, ConnectionEnd)>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.AnswerAsync(Switching + "bye");
            connection.Bytes.EndSending();
            text.Set(await connection.Bytes.ReadToEndAsync());
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Upgrade);
        Assert.Equal((Switching + "bye", ConnectionEnd.Closed), await client.Bytes.ReadToEndAsync());
        await client.WriteAsync("still here");
        client.Bytes.EndSending();

        Assert.Equal(("still here", ConnectionEnd.Closed), await text.Task);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reset_of_one_side_of_a_tunnel_resets_the_other(bool client)
    {
        var end = new Signal<ConnectionEnd>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.AnswerAsync(Switching);
            if (client)
            {
                end.Set((await connection.Bytes.ReadToEndAsync()).End);
            }
            else
            {
                await connection.Bytes.ReadAsync(1);
                connection.Bytes.Reset();
            }
        });
        using var connected = await bench.ConnectAsync();

        await connected.WriteAsync(Upgrade);
        await connected.Bytes.ReadAsync(Switching.Length);
        if (client)
        {
            connected.Bytes.Reset();
        }
        else
        {
            await connected.WriteAsync("x");
            end.Set(await connected.EndAsync());
        }

        Assert.Equal(ConnectionEnd.Reset, await end.Task);
    }

    [Fact]
    public async Task Upgrade_that_is_answered_with_a_response_stays_HTTP()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok);
        using var client = await bench.ConnectAsync();

        var first = await client.SendAsync(Upgrade);
        var second = await client.SendAsync(Upgrade);

        Assert.Equal((200, 200, 0), (first.Status, second.Status, (int)bench.Counters.Tunnels));
    }

    [Fact]
    public async Task Switch_to_another_protocol_than_asked_for_gives_502()
    {
        await using var bench = await RelayBench.AnsweringAsync(Switching.Replace("websocket", "h2c", StringComparison.Ordinal));

        var response = await RawHttpConnection.SendAsync(bench.Address, Upgrade);

        Assert.Equal(502, response.Status);
    }

    [Fact]
    public async Task WebSockets_can_be_switched_off()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, new BenchSetup { Relay = new RelayOptions { AllowsWebSocket = false } });

        var response = await RawHttpConnection.SendAsync(bench.Address, Upgrade);

        Assert.Equal((200, 0), (response.Status, (int)bench.Counters.Tunnels));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tunnel_is_cut_when_policy_no_longer_allows_its_request(bool observed)
    {
        var end = new Signal<ConnectionEnd>();
        await using var bench = await RelayBench.StartAsync(
            async connection =>
            {
                await connection.AnswerAsync(Switching);
                Assert.Equal("a", await connection.Bytes.ReadAsync(1));
                await connection.Bytes.WriteAsync("b");
                end.Set((await connection.Bytes.ReadToEndAsync()).End);
            },
            new BenchSetup { Policy = RelayPolicies.Http("{path: /chat}"), IsObserved = observed });
        using var client = await bench.ConnectAsync();
        using var other = await bench.ConnectAsync();

        await client.WriteAsync(Upgrade);
        await client.Bytes.ReadAsync(Switching.Length);
        await bench.ReloadAsync(RelayPolicies.Http("{path: /chat}", "{path: /more}"));
        await client.WriteAsync("a");
        Assert.Equal("b", await client.Bytes.ReadAsync(1)); // still allowed
        await bench.ReloadAsync(RelayPolicies.Http("{path: /more}"));

        Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
        await end.Task;
        Assert.Equal(403, (await other.SendAsync(Upgrade)).Status);
    }

    [Fact]
    public async Task Silent_tunnel_is_cut_after_its_time()
    {
        await using var bench = await RelayBench.StartAsync(
            static async connection =>
            {
                await connection.AnswerAsync(Switching);
                await connection.Bytes.ReadToEndAsync();
            },
            new BenchSetup { Relay = new RelayOptions { TunnelTimeout = TimeSpan.FromMilliseconds(200) } });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Upgrade);
        await client.Bytes.ReadAsync(Switching.Length);

        Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
    }
}
