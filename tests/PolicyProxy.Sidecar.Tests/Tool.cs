using System.Diagnostics;

namespace PolicyProxy.Sidecar.Tests;

/// <summary>Runs a program of the system; a missing one fails the test with the package to install.</summary>
internal static class Tool
{
    public static async Task<string> RunAsync(string program, string package, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidOperationException($"{program} is needed: install the Debian package {package}", error);
        }

        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return output + await errors;
        }
    }
}
