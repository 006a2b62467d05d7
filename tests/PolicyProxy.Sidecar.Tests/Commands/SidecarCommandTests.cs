using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Commands.Demo;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class SidecarCommandTests : IDisposable
{
    private readonly PolicyFolder _folder = new();
    private readonly ExpectingWriter _ready = new(", upstream ");
    private readonly ExpectingWriter _flows = new("DROPPED");
    private readonly ExpectingWriter _unselected = new("no policy selects these labels for ingress");

    public void Dispose()
    {
        _folder.Dispose();
        _ready.Dispose();
        _flows.Dispose();
        _unselected.Dispose();
    }

    [Fact]
    public async Task SidecarCommand_announces_itself_enforces_and_writes_flows()
    {
        var flowFile = Path.Combine(_folder.Path, "flows.jsonl");
        await using var upstream = await DemoUpstream.StartAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var run = PolicyProxyCommandLine.InvokeAsync(
            [
                "sidecar", "-p", RepositoryFiles.PathOf("samples/demo"), "--labels", "app=api-server", "-n", "demo",
                "--listen", "127.0.0.1:0", "--upstream", upstream.Address.Authority, "--policy-port", "8080", "--flow-file", flowFile,
            ],
            _flows,
            _ready,
            stop.Token);
        await Task.WhenAny(run, _ready.Seen.WaitAsync(TimeSpan.FromSeconds(60)));
        var ready = Regex.Match(_ready.Text, @"^policyproxy: listening on 127\.0\.0\.1:(\d+), enforcing 1 policy for app=api-server,\S+, upstream 127\.0\.0\.1:\d+\r?\n$");
        Assert.True(ready.Success, _ready.Text);
        var target = new IPEndPoint(IPAddress.Loopback, int.Parse(ready.Groups[1].Value));

        Assert.Equal("200", await DemoClient.SendAsync(DemoRequest.All[0], target, CancellationToken.None));
        Assert.Equal("403", await DemoClient.SendAsync(DemoRequest.All[3], target, CancellationToken.None));
        await _flows.Seen.WaitAsync(TimeSpan.FromSeconds(60));
        await stop.CancelAsync();

        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("http-request FORWARDED", _flows.Text, StringComparison.Ordinal);
        Assert.Contains("\"verdict\":\"DROPPED\"", await File.ReadAllTextAsync(flowFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SidecarCommand_workload_that_no_policy_selects_gets_a_warning()
    {
        using var stop = new CancellationTokenSource();
        string[] args = ["sidecar", "-p", RepositoryFiles.PathOf("samples/demo"), "--labels", "app=api-server", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9"];
        var run = PolicyProxyCommandLine.InvokeAsync(args, TextWriter.Null, _unselected, stop.Token);

        await _unselected.Seen.WaitAsync(TimeSpan.FromSeconds(60));
        await stop.CancelAsync();

        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    /// <summary>Of another workload's rules there is nothing to say.</summary>
    [Theory]
    [InlineData("worker", true)]
    [InlineData("worker", false, "--dns-listen", "127.0.0.1:0", "--dns-upstream", "127.0.0.1:9")]
    [InlineData("api", false)]
    public async Task SidecarCommand_rules_for_names_that_no_query_reaches_get_a_warning(string app, bool expected, params string[] more)
    {
        _folder.Write("api.yaml", PolicyFolder.Api);
        _folder.Write("worker.yaml", PolicyFolder.Worker);
        using var stop = new CancellationTokenSource();
        string[] args = ["sidecar", "-p", _folder.Path, "--labels", $"app={app}", "-n", "shop", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9", .. more];
        var run = PolicyProxyCommandLine.InvokeAsync(args, TextWriter.Null, _ready, stop.Token);

        await Task.WhenAny(run, _ready.Seen.WaitAsync(TimeSpan.FromSeconds(60)));
        await stop.CancelAsync();

        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(
            expected,
            Regex.IsMatch(_ready.Text, @"warning: CiliumNetworkPolicy/shop/worker .*worker\.yaml:\d+\) is for DNS names, .* --dns-listen with --dns-upstream, or --transparent"));
    }

    [Fact]
    public void SidecarCommand_address_in_use_is_one_line()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();

        var run = Start("--listen", taken.LocalEndPoint!.ToString()!, "--upstream", "127.0.0.1:9");

        Assert.Equal(2, run.ExitCode);
        Assert.Matches(@"^policyproxy: .*in use", run.Error);
    }

    [Fact]
    public void SidecarCommand_bad_policy_is_refused_with_its_place()
    {
        var broken = _folder.Write("broken.yaml", PolicyFolder.Api.Replace("TCP", "TPC", StringComparison.Ordinal));

        var run = CommandRun.Of("sidecar", "-p", broken, "--labels", "app=api", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"{broken}:9:", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is not an address to listen on", "--listen", "nowhere", "--upstream", "127.0.0.1:9")]
    [InlineData("is not an upstream", "--listen", "127.0.0.1:0", "--upstream", "https://x/")]
    [InlineData("--drain-timeout is a number of seconds", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9", "--drain-timeout", "-1")]
    [InlineData("--upstream", "--listen", "127.0.0.1:0")]
    [InlineData("--dns-listen and --dns-upstream need each other", "--dns-listen", "127.0.0.1:0")]
    [InlineData("--dns-listen and --dns-upstream need each other", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:9", "--dns-upstream", "127.0.0.1:9")]
    public void SidecarCommand_bad_option_is_named(string expected, params string[] args)
    {
        var run = Start(args);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private static CommandRun Start(params string[] args) =>
        CommandRun.Of(["sidecar", "-p", RepositoryFiles.PathOf("samples/demo"), "--labels", "app=x", .. args]);
}
