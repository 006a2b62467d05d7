using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Which requests share a connection to the upstream, and what happens to those that wait for one.</summary>
public sealed class UpstreamReuseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    [Theory]
    [InlineData(UpstreamReuse.Client, "0 1 0 1")]
    [InlineData(UpstreamReuse.Shared, "0 0 0 0")]
    [InlineData(UpstreamReuse.Never, "0 1 2 3")]
    internal async Task Two_clients_by_turns_use_connections_as_configured(UpstreamReuse reuse, string expected)
    {
        await using var bench = await RelayBench.StartAsync(NumberAsync, Setup(reuse));
        using var a = await bench.ConnectAsync();
        using var b = await bench.ConnectAsync();

        var used = new List<string>();
        foreach (var client in new[] { a, b, a, b })
        {
            used.Add((await client.SendAsync(Get)).Body);
        }

        Assert.Equal(expected, string.Join(' ', used));
    }

    [Fact]
    public async Task Shared_connection_outlives_its_client_and_is_closed_with_the_relay()
    {
        await using var bench = await RelayBench.StartAsync(NumberAsync, Setup(UpstreamReuse.Shared));

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("0", (await RawHttpConnection.SendAsync(bench.Address, Get)).Body);
        }
    }

    [Fact]
    public async Task Connection_of_a_client_is_closed_with_the_client()
    {
        var closed = new Signal();
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await NumberAsync(connection);
            closed.Set();
        });

        Assert.Equal("0", (await RawHttpConnection.SendAsync(bench.Address, Get)).Body);

        await closed.Task;
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    public async Task Request_that_tells_the_origin_to_close_leaves_no_connection_for_others(string request)
    {
        await using var bench = await RelayBench.StartAsync(NumberAsync, Setup(UpstreamReuse.Shared));

        var first = await RawHttpConnection.SendAsync(bench.Address, request);
        var second = await RawHttpConnection.SendAsync(bench.Address, request);

        Assert.Equal(("0", "1"), (first.Body, second.Body));
    }

    [Theory]
    [InlineData(UpstreamReuse.Client)]
    [InlineData(UpstreamReuse.Shared)]
    internal async Task Kept_connection_that_the_origin_closes_is_replaced(UpstreamReuse reuse)
    {
        var closed = new Signal();
        await using var bench = await RelayBench.StartAsync(
            async connection =>
            {
                await connection.AnswerAsync(Number(connection));
                if (connection.Number == 0)
                {
                    connection.Bytes.EndSending();
                    await connection.Bytes.ReadToEndAsync();
                    closed.Set(); // the relay has taken notice
                    return;
                }

                await connection.ReadHeadAsync();
            },
            Setup(reuse));
        using var client = await bench.ConnectAsync();

        var first = await client.SendAsync(Get);
        await closed.Task;
        var second = await client.SendAsync(Get);

        Assert.Equal(("0", "1"), (first.Body, second.Body));
    }

    [Theory]
    [InlineData(UpstreamReuse.Client, false)]
    [InlineData(UpstreamReuse.Client, true)]
    [InlineData(UpstreamReuse.Shared, false)]
    [InlineData(UpstreamReuse.Shared, true)]
    internal async Task Bytes_nobody_asked_for_reach_nobody(UpstreamReuse reuse, bool later)
    {
        const string Unasked = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nunasked";
        var received = new Signal();
        var closed = new Signal();
        await using var bench = await RelayBench.StartAsync(
            async connection =>
            {
                if (connection.Number > 0)
                {
                    await NumberAsync(connection);
                    return;
                }

                await connection.AnswerAsync(later ? Number(connection) : Number(connection) + Unasked);
                if (later)
                {
                    await received.Task;
                    await connection.Bytes.WriteAsync(Unasked);
                }

                await connection.Bytes.ReadToEndAsync();
                closed.Set();
            },
            Setup(reuse));
        using var a = await bench.ConnectAsync();
        using var b = await bench.ConnectAsync();

        var first = await a.SendAsync(Get);
        received.Set();
        await closed.Task;
        var second = await a.SendAsync(Get);
        var third = await b.SendAsync(Get);

        Assert.Equal("0", first.Body);
        Assert.NotEqual("unasked", second.Body);
        Assert.NotEqual("unasked", third.Body);
    }

    [Theory]
    [InlineData(UpstreamReuse.Client)]
    [InlineData(UpstreamReuse.Shared)]
    internal async Task Unused_connection_is_closed_after_its_time(UpstreamReuse reuse)
    {
        var closed = new Signal();
        await using var bench = await RelayBench.StartAsync(
            async connection =>
            {
                await NumberAsync(connection);
                closed.Set();
            },
            Setup(reuse) with { Relay = new RelayOptions { Loops = 1, Reuse = reuse, UpstreamIdleTimeout = TimeSpan.FromMilliseconds(150) } });
        using var client = await bench.ConnectAsync();

        var first = await client.SendAsync(Get);
        await closed.Task;
        var second = await client.SendAsync(Get);

        Assert.Equal(("0", "1"), (first.Body, second.Body));
    }

    [Fact]
    public async Task Origin_that_closes_behind_every_response_costs_requests_but_never_mixes_them_up()
    {
        await using var bench = await RelayBench.StartAsync(static async connection =>
        {
            if (await connection.ReadHeadAsync() is { } head)
            {
                var tag = head.Split(' ')[1];
                await connection.Bytes.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {tag.Length}\r\n\r\n{tag}");
            }
        });

        var answered = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
        {
            using var client = await bench.ConnectAsync();
            for (var i = 0; i < 100; i++)
            {
                var response = await client.SendAsync($"GET /{number}/{i} HTTP/1.1\r\nHost: x\r\n\r\n");
                Assert.True(response.Status == 502 || response.Body == $"/{number}/{i}", $"{response.Status} {response.Body} for /{number}/{i}");
                Interlocked.Add(ref answered, response.Status == 200 ? 1 : 0);
            }
        }));

        Assert.True(answered > 4, $"{answered} of 400 answered");
    }

    private static BenchSetup Setup(UpstreamReuse reuse) => new() { Relay = new RelayOptions { Loops = 1, Reuse = reuse } };

    private static string Number(ScriptedConnection connection) => $"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{connection.Number}";

    private static async Task NumberAsync(ScriptedConnection connection)
    {
        while (await connection.AnswerAsync(Number(connection)))
        {
        }
    }
}
