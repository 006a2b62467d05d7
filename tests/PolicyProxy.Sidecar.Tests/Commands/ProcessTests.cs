using System.Diagnostics;

namespace PolicyProxy.Sidecar.Tests.Commands;

/// <summary>The program as its users start it.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData(0, "policyproxy ", "", "--version")]
    [InlineData(2, "", "policyproxy: unknown command \"demp\", did you mean \"demo\"?", "demp")]
    [InlineData(0, "12 of 12 as the policy says", "", "demo")]
    public async Task Program_exit_code_and_streams_are_those_of_the_verb(int exitCode, string output, string error, params string[] args)
    {
        var run = await RunAsync(args, debug: false);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(output, run.Out, StringComparison.Ordinal);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Program_shows_a_stack_trace_only_for_debugging(bool debug)
    {
        var run = await RunAsync(["check", "no-such-file.yaml"], debug);

        Assert.Equal(debug, run.Error.Contains("   at ", StringComparison.Ordinal));
    }

    private static async Task<CommandRun> RunAsync(IReadOnlyList<string> args, bool debug)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["POLICYPROXY_DEBUG"] = debug ? "1" : "0";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return new CommandRun(process.ExitCode, await output, await error);
    }
}
