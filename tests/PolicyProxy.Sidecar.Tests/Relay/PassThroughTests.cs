using System.Net;
using System.Net.Sockets;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Connections of which policy wants to see no request pass as bytes; HTTP/2 goes to the server that speaks it.</summary>
public sealed class PassThroughTests
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private const string EmptySettings = "\0\0\0\u0004\0\0\0\0\0";
    private static readonly BenchSetup s_uninspected = new() { Policy = RelayPolicies.Uninspected };

    [Theory]
    [InlineData("\0\u0001\u00ff no protocol at all \r\n\r\n")]
    [InlineData("GET / HTTP/1.1\nHost: x\n\n")]
    [InlineData(Preface + EmptySettings)]
    public async Task Bytes_of_any_protocol_pass_both_ways_and_end_one_by_one(string bytes)
    {
        await using var bench = await RelayBench.StartAsync(
            static async connection =>
            {
                await connection.Bytes.WriteAsync("server first");
                var (text, end) = await connection.Bytes.ReadToEndAsync();
                await connection.Bytes.WriteAsync($"{text} {end}");
            },
            s_uninspected);
        using var client = await bench.ConnectAsync();

        Assert.Equal("server first", await client.Bytes.ReadAsync(12));
        await client.Bytes.WriteBytewiseAsync(bytes);
        client.Bytes.EndSending();

        Assert.Equal(($"{bytes} Closed", ConnectionEnd.Closed), await client.Bytes.ReadToEndAsync());
        Assert.Equal((1, 0), (bench.Counters.Tunnels, bench.Counters.Requests));
    }

    [Fact]
    public async Task Large_amounts_pass_both_ways_at_once()
    {
        const int Bytes = 20_000_000;
        await using var bench = await RelayBench.StartAsync(
            static async connection =>
            {
                var sending = SendAsync(connection.Bytes, Bytes);
                Assert.Equal(Bytes, await connection.Bytes.SkipAsync(Bytes));
                await sending;
            },
            s_uninspected with { Relay = new RelayOptions { MaxBufferedBytes = 2 * 65_536 } });
        using var client = await bench.ConnectAsync();

        var sending = SendAsync(client.Bytes, Bytes);
        var received = await client.Bytes.SkipAsync(Bytes);
        await sending;

        Assert.Equal(Bytes, received);
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
    }

    [Fact]
    public async Task Upstream_that_refuses_resets_the_client()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound but not listening
        await using var bench = await RelayBench.StartAsync(
            static _ => Task.CompletedTask,
            s_uninspected with { Change = options => options with { Upstream = new Uri($"http://{reserved.LocalEndPoint}") } });

        var response = await RawHttpConnection.SendAsync(bench.Address, "hello");

        Assert.Equal((0, "reset"), (response.Status, response.Head));
    }

    [Fact]
    public async Task Reload_that_asks_for_inspection_cuts_the_connection()
    {
        await using var bench = await RelayBench.StartAsync(
            static async connection =>
            {
                await connection.Bytes.WriteAsync("a");
                await connection.Bytes.ReadToEndAsync();
            },
            s_uninspected);
        using var client = await bench.ConnectAsync();

        Assert.Equal("a", await client.Bytes.ReadAsync(1));
        await bench.ReloadAsync(RelayPolicies.Http("{}"));

        Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
    }

    [Fact]
    public async Task Reload_that_admits_the_peer_no_more_cuts_the_connection()
    {
        await using var bench = await RelayBench.StartAsync(
            static async connection =>
            {
                await connection.Bytes.WriteAsync("a");
                await connection.Bytes.ReadToEndAsync();
            },
            s_uninspected);
        using var client = await bench.ConnectAsync();

        Assert.Equal("a", await client.Bytes.ReadAsync(1));
        await bench.ReloadAsync(RelayPolicies.Nobody);

        Assert.Equal(ConnectionEnd.Reset, await client.EndAsync());
    }

    [Fact]
    public async Task Reload_that_changes_nothing_for_it_leaves_the_connection_alone()
    {
        await using var bench = await RelayBench.StartAsync(
            static async connection =>
            {
                while (await connection.Bytes.ReadAsync(1) is { } octet)
                {
                    await connection.Bytes.WriteAsync(octet);
                }
            },
            s_uninspected);
        using var client = await bench.ConnectAsync();

        for (var i = 0; i < 5; i++)
        {
            await bench.ReloadAsync(RelayPolicies.Uninspected + "\n# " + i);
            await client.WriteAsync("x");
            Assert.Equal("x", await client.Bytes.ReadAsync(1));
        }
    }

    [Fact]
    public async Task Without_pass_through_every_connection_has_to_speak_HTTP()
    {
        await using var bench = await RelayBench.AnsweringAsync(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", s_uninspected with { Relay = new RelayOptions { PassThrough = false } });
        using var http = await bench.ConnectAsync();
        using var other = await bench.ConnectAsync();

        Assert.Equal(200, (await http.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n")).Status);
        Assert.Equal(400, (await other.SendAsync("\0\0\0\0")).Status);
        Assert.Equal((0, 1), (bench.Counters.Tunnels, bench.Counters.Requests));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HTTP2_is_handed_over_whole(bool bytewise)
    {
        await using var bench = await RelayBench.StartAsync(static _ => Task.CompletedTask);
        using var client = await bench.ConnectAsync();

        await (bytewise ? client.Bytes.WriteBytewiseAsync(Preface + EmptySettings) : client.WriteAsync(Preface + EmptySettings));
        var frame = await client.Bytes.ReadAsync(9);

        Assert.Equal('\u0004', frame[3]); // the server's SETTINGS
        Assert.Equal((1, 0), (bench.Counters.HandedOver, bench.Counters.Active));
    }

    private static async Task SendAsync(TextConnection to, int bytes)
    {
        var block = new byte[100_000];
        for (var sent = 0; sent < bytes; sent += block.Length)
        {
            await to.WriteAsync(block);
        }
    }
}
