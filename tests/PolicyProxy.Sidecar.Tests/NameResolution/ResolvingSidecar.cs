using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>
/// The real program that takes DNS queries, in a process of its own. Disposing kills it. <c>POLICYPROXY_PROGRAM=FILE</c> names another build of it, as the
/// native one is.
/// </summary>
internal sealed partial class ResolvingSidecar : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private static readonly string? s_native = Environment.GetEnvironmentVariable("POLICYPROXY_PROGRAM");

    private readonly Process _process;
    private readonly BlockingCollection<IPEndPoint> _starts = [];

    private ResolvingSidecar(string folder, IPEndPoint resolver, IPEndPoint listen, string[] more)
    {
        var policy = Path.Combine(folder, "policy.yaml");
        File.WriteAllText(policy, Policy(resolver.Port));
        _process = Process.Start(new ProcessStartInfo(
            s_native ?? "dotnet",
            [
                .. s_native is null ? [Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.dll")] : Array.Empty<string>(), "sidecar", "-p", policy, "--labels", "app=x", "--flows", "none",
                "--dns-listen", listen.ToString(), "--dns-upstream", resolver.ToString(), .. more,
            ])
        {
            RedirectStandardError = true,
        })!;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _starts.CompleteAdding();
            }
            else if (Taking().Match(line.Data) is { Success: true } match)
            {
                _starts.Add(IPEndPoint.Parse(match.Groups[1].Value));
            }
        };
        _process.BeginErrorReadLine();
    }

    public int ProcessId => _process.Id;

    /// <summary>Where it takes queries.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.None, 0);

    /// <summary>The processes it has started; the first is its worker if it supervises one.</summary>
    public int[] Children => [.. File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Concat(Directory.GetDirectories($"/proc/{_process.Id}/task").SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        .Distinct().Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    /// <summary>Starts it and does not wait.</summary>
    public static ResolvingSidecar Launch(string folder, IPEndPoint resolver, IPEndPoint listen, params string[] more) => new(folder, resolver, listen, more);

    /// <summary>Starts it and waits until it serves.</summary>
    public static ResolvingSidecar Start(string folder, IPEndPoint resolver, IPEndPoint? listen = null, params string[] more)
    {
        var sidecar = Launch(folder, resolver, listen ?? new IPEndPoint(IPAddress.Loopback, 0), more);
        sidecar.AwaitStart();
        return sidecar;
    }

    /// <summary>Waits until it, or its next worker, serves.</summary>
    public void AwaitStart() => Address = _starts.TryTake(out var address, s_limit) ? address : throw new InvalidOperationException("the sidecar does not serve");

    /// <summary>Waits until it has ended by itself; gives the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_limit);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _starts.Dispose();
    }

    [GeneratedRegex("taking DNS queries at ([0-9.:]+),")]
    private static partial Regex Taking();

    private static string Policy(int port) => $"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata:
          name: names
        spec:
          endpointSelector: {"{}"}
          egress:
          - toEntities: [all]
            toPorts:
            - ports:
              - port: "{port}"
                protocol: ANY
              rules:
                dns:
                - matchPattern: "*.good.test"
          - toFQDNs:
            - matchPattern: "*.good.test"
        """;
}
