using System.Net;
using System.Net.Sockets;
using PolicyProxy.Flows;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests;

public sealed class SidecarServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    [Fact]
    public async Task Upstream_that_refuses_connections_gives_502_and_a_flow_that_says_why()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound but not listening
        var flows = new FlowLog();
        await using var sidecar = await SidecarServer.StartAsync(OpenSidecar.Options(new Uri($"http://{reserved.LocalEndPoint}"), flows));

        var response = await RawHttpConnection.SendAsync(sidecar.Addresses[0], Get);
        var flow = await ResponseAsync(flows);

        Assert.Equal((502, "Upstream unavailable\r\n"), (response.Status, response.Body));
        Assert.Equal(502, ((HttpRecord)flow.L7!).Code);
        Assert.Contains("refused", flow.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_in_use_is_a_one_line_error_that_names_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var options = OpenSidecar.Options(new Uri("http://127.0.0.1:1")) with { Listen = [(IPEndPoint)taken.LocalEndpoint] };

        var error = await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(options));

        Assert.Contains(taken.LocalEndpoint.ToString()!, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Address_of_another_machine_is_a_one_line_error()
    {
        var options = OpenSidecar.Options(new Uri("http://127.0.0.1:1")) with { Listen = [IPEndPoint.Parse("192.0.2.1:8080")] };

        var error = await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(options));

        Assert.StartsWith("cannot listen on 192.0.2.1:8080: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://127.0.0.1:1")]
    [InlineData("http://127.0.0.1:1/path")]
    [InlineData("http://user@127.0.0.1:1")]
    public async Task Upstream_of_another_form_is_refused(string upstream)
    {
        var error = await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(OpenSidecar.Options(new Uri(upstream))));

        Assert.Contains("http://host:port", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_policy_file_is_refused()
    {
        var options = OpenSidecar.Options(new Uri("http://127.0.0.1:1")) with { PolicyPaths = ["no-such-folder/policies.yaml"] };

        var error = await Assert.ThrowsAsync<SidecarStartException>(() => SidecarServer.StartAsync(options));

        Assert.Contains("no-such-folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_refuses_new_connections_and_lets_running_requests_finish()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await OpenSidecar.StartAsync(upstream);
        var address = sidecar.Addresses[0];
        using var running = await RawHttpConnection.ConnectAsync(address);
        using var silent = await RawHttpConnection.ConnectAsync(address);
        await running.WriteAsync("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
        await upstream.Held;

        var stopping = sidecar.StopAsync();
        var silentIsClosed = await silent.IsClosedAsync();
        var refused = await Assert.ThrowsAsync<SocketException>(() => RawHttpConnection.ConnectAsync(address));
        var stoppedEarly = stopping.IsCompleted;
        upstream.Release();
        var response = await running.ReadAsync();
        await stopping;

        Assert.True(silentIsClosed);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        Assert.False(stoppedEarly);
        Assert.Equal(200, response.Status);
        Assert.True(await running.IsClosedAsync());
    }

    [Fact]
    public async Task Stop_cuts_off_what_still_runs_at_the_drain_limit()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await SidecarServer.StartAsync(
            OpenSidecar.Options(upstream.Uri) with { DrainLimit = TimeSpan.FromMilliseconds(200) });
        using var running = await RawHttpConnection.ConnectAsync(sidecar.Addresses[0]);
        await running.WriteAsync("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
        await upstream.Held;

        await sidecar.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.True(await running.IsClosedAsync());
    }

    [Fact]
    public async Task Run_serves_until_it_is_cancelled()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        using var stop = new CancellationTokenSource();
        var started = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);

        var run = SidecarServer.RunAsync(OpenSidecar.Options(upstream.Uri), server => started.SetResult(server.Addresses[0]), stop.Token);
        var response = await RawHttpConnection.SendAsync(await started.Task, Get);
        await stop.CancelAsync();
        await run;

        Assert.Equal(200, response.Status);
    }

    [Fact]
    public async Task Every_listen_address_serves()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await SidecarServer.StartAsync(OpenSidecar.Options(upstream.Uri) with
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0)],
        });

        var statuses = new List<int>();
        foreach (var address in sidecar.Addresses)
        {
            statuses.Add((await RawHttpConnection.SendAsync(address, Get)).Status);
        }

        Assert.Equal([200, 200], statuses);
    }

    private static async Task<FlowRecord> ResponseAsync(FlowLog flows)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var reading in flows.FollowAsync(flows.Start, limit.Token))
        {
            if (reading.Flow.L7 is { IsResponse: true })
            {
                return reading.Flow;
            }
        }

        throw new InvalidOperationException("the flow log ended");
    }
}
