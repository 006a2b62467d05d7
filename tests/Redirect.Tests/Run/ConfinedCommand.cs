using System.Diagnostics;

namespace PolicyProxy.Redirect.Tests.Run;

/// <summary>What a confined command did: its exit code, what it wrote, and what <c>run</c> said at the end.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors);

/// <summary>The real program, <c>policyproxy run</c>, around a command.</summary>
internal static class ConfinedCommand
{
    /// <summary>The program built with these tests.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.dll");

    /// <summary>How it is started. <c>POLICYPROXY_PROGRAM=FILE</c> names another build of it, as the native one is.</summary>
    public static string[] Command { get; } = Environment.GetEnvironmentVariable("POLICYPROXY_PROGRAM") is { } native ? [native] : ["dotnet", Program];

    /// <summary>Runs a command under a policy. No environment variable speaks of a proxy.</summary>
    /// <param name="policy">Policy text.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="options">Further options of <c>run</c>.</param>
    public static async Task<CommandResult> RunAsync(string policy, string[] command, params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var file = Path.Combine(folder.FullName, "policy.yaml");
            await File.WriteAllTextAsync(file, policy);
            return await StartAsync(["run", "-p", file, .. options, "--", .. command]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs the program to its end.</summary>
    public static Task<CommandResult> StartAsync(string[] arguments) => ExecuteAsync("dotnet", [Program, .. arguments]);

    /// <summary>Runs any program to its end, without variables that speak of a proxy.</summary>
    public static async Task<CommandResult> ExecuteAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/tmp",
        };
        foreach (var name in start.Environment.Keys.Where(static name => name.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return new CommandResult(process.ExitCode, output, await errors);
    }
}
