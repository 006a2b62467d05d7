using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Expect: 100-continue (RFC 9110 §10.1.1).</summary>
public sealed class ExpectContinueTests
{
    private const string Head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Client_gets_the_origins_100_and_then_sends_its_body()
    {
        await using var bench = await RelayBench.StartAsync(static async connection =>
        {
            for (var i = 0; i < 2; i++)
            {
                await connection.ReadHeadAsync();
                Assert.False(connection.Bytes.HasUnread);
                await connection.Bytes.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n");
                Assert.Equal("body", await connection.Bytes.ReadAsync(4));
                await connection.Bytes.WriteAsync(Ok);
            }

            await connection.ReadHeadAsync();
        });
        using var client = await bench.ConnectAsync();

        for (var i = 0; i < 2; i++)
        {
            var interim = await client.SendAsync(Head);
            var final = await client.SendAsync("body");

            Assert.Equal((100, 200), (interim.Status, final.Status));
        }
    }

    [Fact]
    public async Task Denied_client_gets_the_denial_at_once_and_is_closed()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, new BenchSetup { Policy = RelayPolicies.Http("{method: GET}") });
        using var client = await bench.ConnectAsync();

        var response = await client.SendAsync(Head);

        Assert.Equal((403, "close"), (response.Status, response.Header("connection")));
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
        Assert.Equal(0, bench.Upstream.Connections);
    }

    [Fact]
    public async Task Body_that_a_denied_client_sends_all_the_same_is_no_request()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, new BenchSetup { Policy = RelayPolicies.Http("{method: GET}") });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Head.Replace("Length: 4", "Length: 27", StringComparison.Ordinal) + "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        var response = await client.ReadAsync();

        Assert.Equal(403, response.Status);
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
        Assert.Equal((1, 0), (bench.Counters.Requests, bench.Upstream.Connections));
    }

    [Fact]
    public async Task Origin_that_refuses_keeps_the_connection_if_the_body_comes_all_the_same()
    {
        await using var bench = await RelayBench.StartAsync(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Bytes.WriteAsync("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
            Assert.Equal("body", await connection.Bytes.ReadAsync(4));
            while (await connection.AnswerAsync(Ok))
            {
            }
        });
        using var client = await bench.ConnectAsync();

        var refused = await client.SendAsync(Head);
        var next = await client.SendAsync("bodyGET / HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal((417, 200), (refused.Status, next.Status));
        Assert.Equal(1, bench.Upstream.Connections);
    }

    [Fact]
    public async Task Client_that_leaves_instead_of_sending_its_body_leaves_no_half_request_behind()
    {
        var end = new Signal<ConnectionEnd>();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Bytes.WriteAsync("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
            end.Set((await connection.Bytes.ReadToEndAsync()).End);
        });
        using var client = await bench.ConnectAsync();

        var refused = await client.SendAsync(Head);
        client.Bytes.EndSending();

        Assert.Equal(417, refused.Status);
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
        Assert.Equal(ConnectionEnd.Reset, await end.Task);
    }

    [Fact]
    public async Task Origin_that_refuses_and_closes_has_the_client_closed()
    {
        await using var bench = await RelayBench.StartAsync(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Bytes.WriteAsync("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        });
        using var client = await bench.ConnectAsync();

        var refused = await client.SendAsync(Head);

        Assert.Equal((401, "no"), (refused.Status, refused.Body));
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
    }
}
