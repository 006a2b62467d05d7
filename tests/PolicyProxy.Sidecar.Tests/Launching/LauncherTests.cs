using System.Diagnostics;
using System.Globalization;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Tests.Commands;

namespace PolicyProxy.Sidecar.Tests.Launching;

/// <summary>The parent of a command: exit codes, signals, terminal and what is left behind, with real processes.</summary>
public sealed class LauncherTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly PolicyFolder _folder = new();
    private readonly string _policy;

    public LauncherTests() => _policy = _folder.Write("policy.yaml", RunPolicies.Worker);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, "true")]
    [InlineData(7, "sh", "-c", "exit 7")]
    [InlineData(143, "sh", "-c", "kill -TERM $$")]
    [InlineData(137, "sh", "-c", "kill -KILL $$")]
    [InlineData(127, "no-such-command")]
    [InlineData(126, "/etc/passwd")]
    public async Task Exit_code_is_the_commands_own(int exitCode, params string[] command) =>
        Assert.Equal(exitCode, (await RunAsync(command)).ExitCode);

    [Fact]
    public async Task Input_output_arguments_and_environment_are_those_of_the_caller()
    {
        var outcome = await ConfinedRun.StartAsync(
            "env", ["PROBE=a b", "dotnet", LaunchHost.File, "run", "-p", _policy, "--", "sh", "-c", "cat; echo $PROBE \"$@\"; echo problem >&2", "sh", "@file", "--x", "-p", "a  b", "--"], "from input\n");

        Assert.Equal("from input\na b @file --x -p a  b --", outcome.Out);
        Assert.Contains("problem", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_that_is_not_in_force_keeps_the_command_from_running()
    {
        // Nothing holds the command here, and the policy denies addresses kept for documentation.
        var outcome = await ConfinedRun.StartAsync("dotnet", [LaunchHost.File, "run", "-p", _policy, "-l", "app=worker", "--", "echo", "ran"]);

        Assert.Equal((125, string.Empty), (outcome.ExitCode, outcome.Out));
        Assert.Contains("policy is not in force: tcp/192.0.2.1:443 is denied", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Summary_ends_the_run()
    {
        Assert.EndsWith("policyproxy: 0 allowed, 0 denied", (await RunAsync("true")).Error, StringComparison.Ordinal);
        Assert.EndsWith("""{"allowed":0,"denied":0,"audited":0,"denials":[],"others":0}""", (await RunAsync(["true"], "--summary", "json")).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("allowed", (await RunAsync(["true"], "--summary", "none")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_left_running_is_ended_and_named()
    {
        var outcome = await RunAsync("sh", "-c", "setsid sleep 4321 > /dev/null 2>&1 & until [ \"$(cat /proc/$!/comm)\" = sleep ]; do :; done; echo $!");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(@"ended what the command left running: .*\d+ sleep", outcome.Error);

        // Gone, or waiting for its new parent to take notice.
        Assert.True(!File.Exists($"/proc/{outcome.Out}/stat") || (await File.ReadAllTextAsync($"/proc/{outcome.Out}/stat")).Contains(") Z ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Twenty_runs_leave_no_cgroup()
    {
        var own = new List<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 20), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
        {
            var outcome = await RunAsync("sh", "-c", "tail -n 1 /proc/self/cgroup");
            Assert.Matches("^0::.*/policyproxy/run-[0-9]+/workload$", outcome.Out);
            lock (own)
            {
                own.Add(outcome.Out[3..]);
            }
        });

        Assert.Equal(20, own.Distinct().Count());
        Assert.All(own, path => Assert.False(Directory.Exists(Path.GetDirectoryName(CgroupMount.Find().Point + path))));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("USR1")]
    [InlineData("USR2")]
    [InlineData("WINCH")]
    public async Task Signal_to_the_parent_reaches_the_command(string signal)
    {
        using var parent = Start($"trap 'echo got {signal}; exit 42' {signal}; echo ready; while :; do sleep 0.05; done");
        Assert.Equal("ready", await LineAsync(parent));

        await Tool.RunAsync("kill", "procps", "-" + signal, parent.Id.ToString(CultureInfo.InvariantCulture));

        Assert.Equal("got " + signal, await LineAsync(parent));
        await parent.WaitForExitAsync().WaitAsync(s_limit);
        Assert.Equal(42, parent.ExitCode);
    }

    [Theory]
    [InlineData("interrupt")]
    [InlineData("stop")]
    [InlineData("shell")]
    [InlineData("raw")]
    [InlineData("size")]
    public async Task Terminal_is_the_commands_own(string scenario)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Launching", "terminal.py");
        var outcome = await ConfinedRun.StartAsync("python3", [script, scenario, "dotnet", LaunchHost.File, "run", "-p", _policy, "--"]);

        Assert.True(outcome.ExitCode == 0, outcome.Out + outcome.Error);
    }

    private Task<Outcome> RunAsync(params string[] command) => RunAsync(command, []);

    private Task<Outcome> RunAsync(string[] command, params string[] options) =>
        ConfinedRun.StartAsync("dotnet", [LaunchHost.File, "run", "-p", _policy, .. options, "--", .. command]);

    private Process Start(string script) => Process.Start(
        new ProcessStartInfo("dotnet", [LaunchHost.File, "run", "-p", _policy, "--", "sh", "-c", script]) { RedirectStandardOutput = true })!;

    private static async Task<string?> LineAsync(Process process) => await process.StandardOutput.ReadLineAsync().WaitAsync(s_limit);
}
