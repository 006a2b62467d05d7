using System.Diagnostics;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>Programs under no policy, in another network namespace.</summary>
internal static class Outside
{
    /// <summary>Starts one.</summary>
    public static Process Start(NetworkNamespace where, string[] command) =>
        Process.Start(new ProcessStartInfo("nsenter", [$"--net={where.Path}", .. command]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    /// <summary>Runs one to its end and gives its output, trimmed.</summary>
    public static async Task<string> RunAsync(NetworkNamespace where, string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo("nsenter", [$"--net={where.Path}", .. command]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return output.Trim();
    }
}
