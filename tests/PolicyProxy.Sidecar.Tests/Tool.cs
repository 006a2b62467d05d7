using System.Diagnostics;

namespace PolicyProxy.Sidecar.Tests;

/// <summary>Runs a program of the system; a missing one fails the test with the package to install.</summary>
internal static class Tool
{
    /// <summary>For what must have happened before a test begins or ends: fails unless the exit code is 0.</summary>
    public static void Run(string program, string package, params IEnumerable<string> arguments)
    {
        using var process = Start(new ProcessStartInfo(program, arguments), package);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed");
        }
    }

    public static async Task<string> RunAsync(string program, string package, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Start(start, package);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output + await errors;
    }

    /// <summary>Starts a program that goes on.</summary>
    public static Process Start(ProcessStartInfo start, string package)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidOperationException($"{start.FileName} is needed: install the Debian package {package}", error);
        }
    }
}
