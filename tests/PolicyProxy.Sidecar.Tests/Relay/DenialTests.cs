using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Flows;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>What a client sees of a denial, and that it can go on behind it.</summary>
public sealed class DenialTests
{
    private const string Allowed = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    private const string Denied = "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static readonly BenchSetup s_setup = new() { Policy = RelayPolicies.Http("{path: \"/a\"}") };

    [Theory]
    [InlineData(Denied)]
    [InlineData("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 29\r\n\r\nGET /a HTTP/1.1\r\nHost: y\r\n\r\n.")]
    [InlineData("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1c\r\nGET /a HTTP/1.1\r\nHost: y\r\n\r\n\r\n0\r\n\r\n")]
    public async Task Denied_request_is_answered_and_the_next_one_forwarded(string denied)
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup);
        using var client = await bench.ConnectAsync();

        var separately = await client.SendAsync(denied);
        var afterwards = await client.SendAsync(Allowed);
        await client.Bytes.WriteBytewiseAsync(denied);
        var bytewise = await client.ReadAsync();
        await client.WriteAsync(denied + Allowed + denied + Allowed);
        var pipelined = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            pipelined.Add((await client.ReadAsync()).Status);
        }

        Assert.Equal((403, "Access denied\r\n", null), (separately.Status, separately.Body, separately.Header("connection")));
        Assert.Equal((200, 403), (afterwards.Status, bytewise.Status));
        Assert.Equal([403, 200, 403, 200], pipelined);
        Assert.Equal((7, 4, 1), (bench.Counters.Requests, bench.Counters.Denied, bench.Counters.Accepted));
    }

    [Fact]
    public async Task Denied_HEAD_has_no_body()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup);
        using var client = await bench.ConnectAsync();

        var head = await client.SendAsync("HEAD /b HTTP/1.1\r\nHost: x\r\n\r\n");
        var next = await client.SendAsync(Allowed);

        Assert.Equal((403, "15", 200), (head.Status, head.Header("content-length"), next.Status));
    }

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("Application/GRPC;x=y", true)]
    [InlineData("application/grpc-web", false)]
    public async Task Denied_grpc_call_gets_a_grpc_status(string contentType, bool isGrpc)
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup);
        using var client = await bench.ConnectAsync();

        var denied = await client.SendAsync($"POST /b HTTP/1.1\r\nHost: x\r\nContent-Type: {contentType}\r\nContent-Length: 5\r\n\r\n12345");
        var next = await client.SendAsync(Allowed);

        Assert.Equal(isGrpc ? (200, "7", "Access denied") : (403, null, null), (denied.Status, denied.Header("grpc-status"), denied.Header("grpc-message")));
        Assert.Equal(200, next.Status);
    }

    [Fact]
    public async Task Longer_body_than_is_thrown_away_closes_the_connection()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup with { Relay = new RelayOptions { MaxDiscardedBytes = 10 } });
        using var ofLength = await bench.ConnectAsync();
        using var longer = await bench.ConnectAsync();
        using var inChunks = await bench.ConnectAsync();

        var kept = await ofLength.SendAsync("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789");
        var next = await ofLength.SendAsync(Allowed);
        var announced = await longer.SendAsync("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n0123456789a");
        var chunked = await inChunks.SendAsync("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n");

        Assert.Equal((403, null, 200), (kept.Status, kept.Header("connection"), next.Status));
        Assert.Equal((403, "close", 403), (announced.Status, announced.Header("connection"), chunked.Status));
        Assert.Equal(ConnectionEnd.Closed, await longer.EndAsync());
        Assert.Equal(ConnectionEnd.Closed, await inChunks.EndAsync());
    }

    [Fact]
    public async Task Broken_body_behind_a_denial_closes_the_connection()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup);
        using var client = await bench.ConnectAsync();

        var denied = await client.SendAsync("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.WriteAsync("zz\r\n" + Allowed);

        Assert.Equal(403, denied.Status);
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
        Assert.Equal(0, bench.Upstream.Connections);
    }

    [Fact]
    public async Task Client_that_leaves_in_the_body_behind_a_denial_leaves_nothing()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup);
        using var ending = await bench.ConnectAsync();
        using var resetting = await bench.ConnectAsync();

        Assert.Equal(403, (await ending.SendAsync("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0")).Status);
        Assert.Equal(403, (await resetting.SendAsync("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0")).Status);
        ending.Bytes.EndSending();
        resetting.Bytes.Reset();

        Assert.Equal(ConnectionEnd.Closed, await ending.EndAsync());
    }

    [Theory]
    [InlineData("Connection: close\r\n", "HTTP/1.1")]
    [InlineData("", "HTTP/1.0")]
    [InlineData("Connection: keep-alive\r\n", "HTTP/1.0")] // clients of that version wait for the end unless told otherwise
    public async Task Denial_of_a_last_request_says_so_and_closes(string field, string version)
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup);
        using var client = await bench.ConnectAsync();

        var denied = await client.SendAsync($"GET /b {version}\r\nHost: x\r\n{field}\r\n");

        Assert.Equal((403, "close"), (denied.Status, denied.Header("connection")));
        Assert.Equal(ConnectionEnd.Closed, await client.EndAsync());
    }

    [Fact]
    public async Task Denial_leaves_a_flow_of_the_request_and_one_of_the_response()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup);

        await RawHttpConnection.SendAsync(bench.Address, Denied);
        var request = await bench.FlowAsync(static flow => flow is { L7: HttpRecord, IsReply: false });
        var response = await bench.FlowAsync(static flow => flow.IsReply);

        Assert.Equal((FlowVerdict.Dropped, "http://x/b"), (request.Verdict, ((HttpRecord)request.L7!).Url));
        Assert.Equal(403, ((HttpRecord)response.L7!).Code);
    }

    [Fact]
    public async Task Audit_lets_denied_requests_through_and_reports_them()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup with { Change = static options => options with { Audit = true } });
        using var client = await bench.ConnectAsync();

        var response = await client.SendAsync(Denied);
        var flow = await bench.FlowAsync(static flow => flow.L7 is HttpRecord);

        Assert.Equal((200, FlowVerdict.Audit), (response.Status, flow.Verdict));
        Assert.Equal(0, bench.Counters.Denied);
    }

    [Fact]
    public async Task Connection_nobody_admits_is_reset_without_a_word()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, new BenchSetup { Policy = RelayPolicies.HttpFrom("127.0.0.2", "{}") });

        var refused = await RawHttpConnection.SendAsync(bench.Address, Allowed);
        var admitted = await RawHttpConnection.SendAsync(bench.Address, Allowed, IPAddress.Parse("127.0.0.2"));

        Assert.Equal((0, "reset", 200), (refused.Status, refused.Head, admitted.Status));
        Assert.Equal((1, 1), (bench.Counters.Refused, bench.Counters.Accepted));
    }

    [Fact]
    public async Task Connection_nobody_admits_is_answered_if_so_configured()
    {
        await using var bench = await RelayBench.AnsweringAsync(
            Ok,
            new BenchSetup
            {
                Policy = RelayPolicies.Nobody,
                Change = static options => options with { RefusedConnection = RefusedConnection.Respond },
            });
        using var client = await bench.ConnectAsync();

        var first = await client.SendAsync(Allowed);
        var second = await client.SendAsync(Allowed);

        Assert.Equal((403, 403), (first.Status, second.Status));
        Assert.Equal(0, bench.Upstream.Connections);
    }

    [Fact]
    public async Task Policy_that_changes_between_requests_judges_the_next_one()
    {
        await using var bench = await RelayBench.AnsweringAsync(Ok, s_setup);
        using var client = await bench.ConnectAsync();

        var before = await client.SendAsync(Denied);
        await bench.ReloadAsync(RelayPolicies.Http("{path: \"/b\"}"));
        var after = await client.SendAsync(Denied);
        var other = await client.SendAsync(Allowed);
        await bench.ReloadAsync(RelayPolicies.Nobody);
        var none = await client.SendAsync(Denied);

        Assert.Equal((403, 200, 403, 0), (before.Status, after.Status, other.Status, none.Status));
    }

    [Fact]
    public async Task Response_that_is_on_its_way_when_policy_changes_is_finished()
    {
        var reloaded = new Signal();
        await using var bench = await RelayBench.StartAsync(
            async connection =>
            {
                await connection.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbe");
                await reloaded.Task;
                await connection.Bytes.WriteAsync("gun");
                await connection.ReadHeadAsync();
            },
            s_setup);
        using var client = await bench.ConnectAsync();

        await client.WriteAsync(Allowed);
        await client.Bytes.ReadUntilAsync("\r\n\r\n");
        await bench.ReloadAsync(RelayPolicies.Http("{path: \"/b\"}"));
        reloaded.Set();

        Assert.Equal("begu", await client.Bytes.ReadAsync(4));
        Assert.Equal(403, (await client.SendAsync(Allowed)).Status);
    }
}
