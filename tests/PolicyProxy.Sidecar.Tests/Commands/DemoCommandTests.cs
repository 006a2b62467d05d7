using System.Text.Json;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Commands.Demo;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class DemoCommandTests
{
    private readonly ExpectingWriter _invitation = new("Ctrl+C ends the demo.");

    [Fact]
    public void DemoCommand_every_request_comes_out_as_the_policy_says()
    {
        var run = CommandRun.Of("demo");

        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        Assert.Contains("12 of 12 as the policy says; 4 requests reached the servers, 4 were allowed", run.Out, StringComparison.Ordinal);
        Assert.Contains("method \"POST\" does not match \"GET\"; nearest spec.ingress[0].toPorts[0].rules.http[1] (policy.yaml:23)", run.Out, StringComparison.Ordinal);
        Assert.Contains("topic \"payments\" is not \"orders\"; nearest spec.ingress[0].toPorts[0].rules.kafka[0] (kafka.yaml:", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void DemoCommand_json_tells_each_answer_with_its_verdict_and_rule()
    {
        var run = CommandRun.Of("demo", "-o", "json");

        using var json = JsonDocument.Parse(run.Out);
        var requests = json.RootElement.GetProperty("requests").EnumerateArray().ToList();
        Assert.Equal(DemoRequest.All.Select(r => r.Expected), requests.Select(r => r.GetProperty("answer").GetString()!));
        Assert.Equal(21, requests[0].GetProperty("rule").GetProperty("line").GetInt32());
        Assert.Equal("DROPPED", requests[^1].GetProperty("verdict").GetString());
        Assert.True(json.RootElement.GetProperty("asExpected").GetBoolean());
    }

    [Fact]
    public async Task DemoCommand_with_listen_stays_up_until_it_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var run = PolicyProxyCommandLine.InvokeAsync(["demo", "--listen", "127.0.0.1:0"], TextWriter.Null, _invitation, stop.Token);
        await _invitation.Seen.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(run.IsCompleted);

        await stop.CancelAsync();

        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("curl -i --interface 127.0.0.10 http://127.0.0.1:", _invitation.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void DemoReport_with_a_request_that_leaked_is_not_as_expected()
    {
        var report = new DemoReport(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1), [], UpstreamRequests: 1);

        Assert.False(report.IsAsExpected);
    }

    [Fact]
    public void DemoResult_without_a_flow_is_not_as_expected()
    {
        var denied = DemoRequest.All.First(r => !r.IsAllowed);

        Assert.False(new DemoResult(denied, denied.Expected, null).IsAsExpected);
    }
}
