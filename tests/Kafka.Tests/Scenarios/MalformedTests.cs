using System.Net.Sockets;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.TestKit.Flows;

namespace PolicyProxy.Kafka.Tests.Scenarios;

/// <summary>What is no valid request, sent to a real sidecar before a real broker.</summary>
public sealed class MalformedTests
{
    private static readonly byte[] s_versions = Convert.FromHexString("0000000A" + "0012" + "0000" + "00000007" + "FFFF");

    [Fact]
    public async Task Malformed_requests_end_their_connections_and_no_other()
    {
        await using var bench = await KafkaBench.StartAsync("[{role: produce, topic: orders}, {role: consume, topic: orders}]");
        bench.Brokers.CreateTopic("orders");
        using var steady = await ConnectAsync(bench);
        foreach (var row in Connection.MalformedTests.Requests)
        {
            var (what, hex) = ((string)row[0], (string)row[1]);
            var before = Refusals(bench);
            using var client = await ConnectAsync(bench);
            await client.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
            Assert.True(await IsEndedAsync(client), what);
            Assert.True(Refusals(bench) > before, what);
            Assert.True(await IsAnsweredAsync(steady), what);
        }
    }

    private static async Task<Socket> ConnectAsync(KafkaBench bench)
    {
        var socket = new Socket(bench.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(bench.Address);
        return socket;
    }

    // Nothing but the end may come: the broker was asked nothing.
    private static async Task<bool> IsEndedAsync(Socket socket)
    {
        try
        {
            using var limit = new CancellationTokenSource(Confluent.Limit);
            return await socket.ReceiveAsync(new byte[1], limit.Token) == 0;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    private static async Task<bool> IsAnsweredAsync(Socket socket)
    {
        await socket.SendAsync(s_versions);
        var answer = new byte[8];
        await using var stream = new NetworkStream(socket);
        await stream.ReadExactlyAsync(answer);
        var rest = new byte[(answer[2] << 8 | answer[3]) - 4];
        await stream.ReadExactlyAsync(rest);
        return answer[7] == 7;
    }

    private static int Refusals(KafkaBench bench) =>
        bench.Flows.All().Count(static flow => flow is { Verdict: FlowVerdict.Dropped, Reason: VerdictReason.ProtocolError, Note.Length: > 0 });
}
