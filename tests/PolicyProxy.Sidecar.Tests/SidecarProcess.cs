using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace PolicyProxy.Sidecar.Tests;

/// <summary>The real program in a process of its own, with the policy of <see cref="OpenSidecar"/>. Disposing kills it.</summary>
internal sealed class SidecarProcess : IDisposable
{
    private readonly DirectoryInfo _policies = Directory.CreateTempSubdirectory();
    private readonly Process _process;

    private SidecarProcess(IPEndPoint upstream)
    {
        File.WriteAllText(Path.Combine(_policies.FullName, "policy.yaml"), OpenSidecar.Policy);
        _process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath ?? "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.dll"),
                "sidecar", "-p", _policies.FullName, "--labels", "app=api", "--listen", "127.0.0.1:0", "--upstream", upstream.ToString(), "--policy-port", "80",
            ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.None, 0);

    public string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

    public static async Task<SidecarProcess> StartAsync(IPEndPoint upstream)
    {
        const string Mark = "listening on ";
        var sidecar = new SidecarProcess(upstream);
        while (await sidecar._process.StandardError.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf(Mark, StringComparison.Ordinal);
            if (at >= 0)
            {
                sidecar.Address = IPEndPoint.Parse(line.AsSpan(at + Mark.Length, line.IndexOf(',', at) - at - Mark.Length));
                return sidecar;
            }
        }

        sidecar.Dispose();
        throw new InvalidOperationException("the sidecar ended before it listened");
    }

    /// <summary>Waits until it has ended by itself; gives the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        _policies.Delete(recursive: true);
    }
}
