using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace PolicyProxy.TestKit.Origins;

/// <summary>A running server program with a folder of its own. It ends with the test process, however that ends.</summary>
internal sealed class OriginProcess : IAsyncDisposable
{
    private const int Attempts = 5;

    // The shell ends the program when its own input ends. Copies of the descriptors are closed so that nobody waits for the shell.
    private const string Guard = """
        exec 3<&0
        "$@" < /dev/null 3<&- &
        program=$!
        { cat <&3; kill "$program"; } > /dev/null 2>&1 &
        exec 3<&-
        wait "$program"
        """;

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly ConcurrentQueue<string> _lines = [];

    private OriginProcess(Process process, DirectoryInfo folder, int port)
    {
        _process = process;
        _folder = folder;
        Address = new IPEndPoint(IPAddress.Loopback, port);
    }

    public IPEndPoint Address { get; }

    /// <summary>Starts a program and waits until it accepts connections; another port is tried if the program ends at once.</summary>
    /// <param name="program">What to start.</param>
    /// <param name="onLine">Gets each line the program writes.</param>
    public static async Task<OriginProcess> StartAsync(OriginProgram program, Action<string> onLine)
    {
        var path = program.Find();
        var output = string.Empty;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var origin = Launch(path, program, onLine);
            if (await origin.IsListeningAsync())
            {
                return origin;
            }

            output = string.Join('\n', origin._lines);
            await origin.DisposeAsync();
        }

        throw new InvalidOperationException($"{program.Name} (Debian package {program.Package}) does not start: {output}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Origin.Patience);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        OriginFolder.Remove(_folder);
    }

    private static OriginProcess Launch(string path, OriginProgram program, Action<string> onLine)
    {
        var folder = OriginFolder.Create();
        var port = FreePort.Find();
        var config = Path.Combine(folder.FullName, program.Configuration);
        string Fill(string text) => text
            .Replace("{port}", $"{port}", StringComparison.Ordinal)
            .Replace("{folder}", folder.FullName, StringComparison.Ordinal)
            .Replace("{config}", config, StringComparison.Ordinal)
            .Replace("{application}", program.Application, StringComparison.Ordinal);
        File.WriteAllText(config, Fill(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Origins", "Programs", program.Configuration))));

        var process = new Process
        {
            StartInfo = new ProcessStartInfo("/bin/sh", ["-c", Guard, "sh", path, .. program.Arguments.Select(Fill)])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        var origin = new OriginProcess(process, folder, port);
        process.OutputDataReceived += (_, line) => origin.Take(line.Data, onLine);
        process.ErrorDataReceived += (_, line) => origin.Take(line.Data, onLine);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return origin;
    }

    private void Take(string? line, Action<string> onLine)
    {
        if (line is null)
        {
            return;
        }

        if (_lines.Count < 100)
        {
            _lines.Enqueue(line);
        }

        onLine(line);
    }

    private async Task<bool> IsListeningAsync()
    {
        using var deadline = new CancellationTokenSource(Origin.Patience);
        while (!_process.HasExited && !deadline.IsCancellationRequested)
        {
            if (await FreePort.IsServedAsync(Address.Port))
            {
                return true;
            }

            await Task.Delay(10, CancellationToken.None);
        }

        return false;
    }
}
