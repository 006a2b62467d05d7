using System.Diagnostics;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.Tests.Launching;

/// <summary>What a process printed, and how it ended.</summary>
internal sealed record Outcome(int ExitCode, string Out, string Error);

/// <summary>A real cgroup with the real program in it, started as its parent starts it. Needs root, as the program does.</summary>
internal sealed class ConfinedRun : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public ConfinedRun()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("tests of policyproxy run need root");
        }

        Mount = Sidecar.Launching.CgroupMount.Find().Point;
        Work = new CgroupDirectory(Path.Combine(Mount, "policyproxy-tests", Guid.NewGuid().ToString("N")));
        Work.Create();
    }

    /// <summary>Where cgroup v2 is mounted.</summary>
    public string Mount { get; }

    public CgroupDirectory Work { get; }

    /// <summary>The file of the program under test.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.dll");

    /// <summary>Runs a command confined, with options of the hidden verb.</summary>
    public Task<Outcome> ExecuteAsync(string[] command, params string[] options) => ExecuteAsync(command, options, "dotnet", []);

    /// <summary>The same, started by another program: <c>nohup dotnet ...</c>.</summary>
    public Task<Outcome> ExecuteAsync(string[] command, string[] options, string starter, string[] before) =>
        StartAsync(starter, [.. before, Program, "__confined", "--work=" + Work.Path, .. options, "--", .. command]);

    public Task<Outcome> ShellAsync(string script, params string[] options) => ExecuteAsync(["sh", "-c", script], options);

    public Task<Outcome> PythonAsync(string script, params string[] options) => ExecuteAsync(["python3", "-c", script], options);

    public static async Task<Outcome> StartAsync(string file, IReadOnlyList<string> arguments, string input = "")
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(s_limit);
        return new Outcome(process.ExitCode, (await output).TrimEnd(), (await error).TrimEnd());
    }

    public void Dispose()
    {
        var deadline = DateTime.UtcNow + s_limit;
        Work.Kill();
        while (!Work.TryRemove() && DateTime.UtcNow < deadline)
        {
            Thread.Yield();
        }

        _ = new CgroupDirectory(Path.GetDirectoryName(Work.Path)!).TryRemove();
    }
}
