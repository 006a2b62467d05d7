using System.Diagnostics;

namespace PolicyProxy.Samples.Tests;

/// <summary>Runs a program to its end and keeps what it printed.</summary>
internal static class Shell
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs a Bash script from the root of the repository.</summary>
    public static Task<ShellResult> BashAsync(string script) => RunAsync(Repository.Root, "bash", "-c", script);

    public static async Task<ShellResult> RunAsync(string folder, string program, params string[] arguments)
    {
        using var limit = new CancellationTokenSource(s_limit);
        using var process = Process.Start(Start(folder, program, arguments))!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new ShellResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>How to start a program that knows nothing of the test run around it: its build variables would change nested builds.</summary>
    public static ProcessStartInfo Start(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase) || name == "DOTNET_HOST_PATH").ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["NO_COLOR"] = "1";
        return start;
    }
}

/// <summary>What a program left.</summary>
internal sealed record ShellResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}
