using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests;

/// <summary>The real process, ended as Kubernetes ends it.</summary>
public sealed class TerminationTests
{
    [Fact]
    public async Task Terminated_sidecar_finishes_running_requests_and_exits_0()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        var policies = Directory.CreateTempSubdirectory();
        using var process = Start(policies.FullName, upstream.Address);
        try
        {
            var address = await ListeningAsync(process);
            using var running = await RawHttpConnection.ConnectAsync(address);
            using var silent = await RawHttpConnection.ConnectAsync(address);
            await running.WriteAsync("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
            await upstream.Held;

            await Tool.RunAsync("kill", "procps", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
            Assert.True(await silent.IsClosedAsync());
            await Assert.ThrowsAsync<SocketException>(() => RawHttpConnection.ConnectAsync(address));
            upstream.Release();
            var response = await running.ReadAsync();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));

            Assert.Equal((200, 0), (response.Status, process.ExitCode));
        }
        finally
        {
            process.Kill();
            policies.Delete(recursive: true);
        }
    }

    private static Process Start(string policies, IPEndPoint upstream)
    {
        File.WriteAllText(Path.Combine(policies, "policy.yaml"), OpenSidecar.Policy);
        return Process.Start(new ProcessStartInfo(
            Environment.ProcessPath ?? "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.dll"),
                "sidecar", "-p", policies, "--labels", "app=api", "--listen", "127.0.0.1:0", "--upstream", upstream.ToString(), "--policy-port", "80",
            ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
    }

    private static async Task<IPEndPoint> ListeningAsync(Process process)
    {
        const string Mark = "listening on ";
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf(Mark, StringComparison.Ordinal);
            if (at >= 0)
            {
                return IPEndPoint.Parse(line.AsSpan(at + Mark.Length, line.IndexOf(',', at) - at - Mark.Length));
            }
        }

        throw new InvalidOperationException("the sidecar ended before it listened");
    }
}
