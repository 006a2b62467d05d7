using System.ComponentModel;
using System.Diagnostics;

namespace PolicyProxy.FunctionalTests.Connections;

/// <summary>Runs a program of the machine to its end.</summary>
internal static class Tool
{
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            return (process.ExitCode, output + await error);
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"{program} is needed for this test and is not installed");
        }
    }
}
