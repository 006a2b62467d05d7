using System.Diagnostics;
using System.Globalization;
using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Sidecar.Launching;

namespace PolicyProxy.Redirect.Tests.Leftovers;

/// <summary>The real program, <c>policyproxy run</c>, around a command that waits: time to see what the run has in the kernel. Disposing ends it.</summary>
internal sealed class HeldRun : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private HeldRun(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public string Pins => $"/sys/fs/bpf/policyproxy/run-{Id}";

    public string Cgroup => Path.Combine(CgroupMount.Find().Point, "policyproxy", "run-" + Id);

    private string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Starts one and waits until its command runs.</summary>
    public static async Task<HeldRun> StartAsync(string policyFile)
    {
        var run = new HeldRun(Process.Start(new ProcessStartInfo(
            "dotnet", [ConfinedCommand.Program, "run", "-p", policyFile, "--", "sh", "-c", "echo running; read line; exec true"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
        var said = await run._process.StandardOutput.ReadLineAsync().WaitAsync(s_limit);
        Assert.True(said == "running", said is null ? await run._errors : said);
        return run;
    }

    /// <summary>What the run has in the kernel.</summary>
    public KernelObjects Objects() => KernelObjects.Of(_process.Id);

    /// <summary>Lets the command end; gives the run's exit code and what it said.</summary>
    public async Task<(int ExitCode, string Errors)> EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(s_limit);
        return (_process.ExitCode, await _errors);
    }

    /// <summary>Kills the run's own process and lets the command end; gives what was said until everybody was gone.</summary>
    public async Task<(int ExitCode, string Errors)> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(s_limit);
        _process.StandardInput.Close();
        return (_process.ExitCode, await _errors.WaitAsync(s_limit));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
