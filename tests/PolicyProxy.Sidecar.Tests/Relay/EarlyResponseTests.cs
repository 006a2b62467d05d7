using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Origins that answer before they have read the request.</summary>
public sealed class EarlyResponseTests
{
    private const int BodyBytes = 10_000_000;
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static readonly string s_upload = $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {BodyBytes}\r\n\r\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refusal_in_mid_body_reaches_the_client_whole_though_the_origin_stops_reading(bool resets)
    {
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Bytes.ReadAsync(100);
            await connection.Bytes.WriteAsync("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 8\r\n\r\ntoo much");
            if (resets)
            {
                connection.Bytes.EndSending();
                connection.Bytes.Reset();
            }
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(s_upload);
        var sending = SendAsync(client.Bytes, BodyBytes);
        var response = await client.ReadAsync();
        await sending; // the relay reads on, so that its answer is not lost to a reset

        Assert.Equal((413, "too much"), (response.Status, response.Body));
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
    }

    [Fact]
    public async Task Early_response_without_close_leaves_both_connections_usable_once_the_body_is_through()
    {
        await using var bench = await RelayBench.StartAsync(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Bytes.WriteAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\n\r\ntoo much");
            Assert.Equal(BodyBytes, await connection.Bytes.SkipAsync(BodyBytes));
            while (await connection.AnswerAsync(Ok))
            {
            }
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(s_upload);
        var early = await client.ReadAsync();
        await SendAsync(client.Bytes, BodyBytes);
        var next = await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal((413, 200), (early.Status, next.Status));
        Assert.Equal((1, 1), (bench.Upstream.Connections, bench.Counters.Accepted));
    }

    [Fact]
    public async Task Origin_that_ends_its_side_behind_an_early_response_has_the_client_closed()
    {
        await using var bench = await RelayBench.StartAsync(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.Bytes.WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            connection.Bytes.EndSending();
            await connection.Bytes.ReadToEndAsync();
        });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(s_upload);
        var early = await client.ReadAsync();

        Assert.Equal((403, "no"), (early.Status, early.Body));
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
    }

    [Fact]
    public async Task Client_that_keeps_sending_to_a_closing_connection_is_read_from_and_in_the_end_cut_off()
    {
        await using var bench = await RelayBench.StartAsync(
            static async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.Bytes.WriteAsync("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            },
            new BenchSetup { Relay = new RelayOptions { LingerTimeout = TimeSpan.FromMilliseconds(300) } });
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(s_upload.Replace(BodyBytes.ToString(), "1000000000000", StringComparison.Ordinal));
        var early = await client.ReadAsync();
        var sent = 0L;
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(async () =>
        {
            var block = new byte[1 << 20];
            while (true)
            {
                await client.Bytes.WriteAsync(block);
                sent += block.Length;
            }
        });

        Assert.Equal(413, early.Status);
        Assert.True(sent > BodyBytes, $"only {sent} bytes were read");
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
