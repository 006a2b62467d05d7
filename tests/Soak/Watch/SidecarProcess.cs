using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace PolicyProxy.Soak.Watch;

/// <summary>The sidecar under test as a process of its own.</summary>
internal sealed class SidecarProcess : IDisposable
{
    private const string Listening = "policyproxy: listening on ";

    private readonly Process _process;

    private SidecarProcess(Process process, IPEndPoint address) => (_process, Address) = (process, address);

    public IPEndPoint Address { get; }

    /// <summary>What it wrote to stderr since it was ready.</summary>
    public Task<string> Errors { get; private init; } = Task.FromResult("");

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="options">Which program, and how it prints verdicts.</param>
    /// <param name="policyFile">The policy it follows.</param>
    /// <param name="upstream">The server behind it.</param>
    public static async Task<SidecarProcess> StartAsync(SoakOptions options, string policyFile, IPEndPoint upstream)
    {
        var program = options.Sidecar ?? throw new ArgumentException("no sidecar is named", nameof(options));
        string[] arguments =
        [
            "sidecar", "--policy", policyFile, "--labels", "app=api", "--policy-port", "8080", "--flows", options.Flows,
            "--listen", "127.0.0.1:0", "--upstream", upstream.ToString(),
        ];
        var isManaged = program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isManaged ? "dotnet" : program, isManaged ? [program, .. arguments] : arguments) 
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} was not started");
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        var first = await process.StandardError.ReadLineAsync() ?? "";
        if (!first.StartsWith(Listening, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{program} does not listen: {first}\n{await process.StandardError.ReadToEndAsync()}");
        }

        var address = IPEndPoint.Parse(first[Listening.Length..first.IndexOf(',', StringComparison.Ordinal)]);
        return new SidecarProcess(process, address) { Errors = process.StandardError.ReadToEndAsync() };
    }

    /// <summary>What the process uses now.</summary>
    public Sample Measure(TimeSpan at, long answers)
    {
        var status = File.ReadAllLines($"/proc/{_process.Id}/status");
        return new Sample(at, answers, Number("VmRSS:"), Directory.EnumerateFileSystemEntries($"/proc/{_process.Id}/fd").Count(), (int)Number("Threads:"));

        long Number(string name) => long.Parse(
            status.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }

    /// <summary>Asks it to stop; the exit code, or null if it did not within the limit and was killed.</summary>
    public async Task<int?> StopAsync(TimeSpan limit)
    {
        using var kill = Process.Start("bash", ["-c", $"kill -TERM {_process.Id}"]);
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            _process.Kill(); // or its stderr would never end
            return null;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
