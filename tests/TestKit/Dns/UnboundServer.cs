using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.TestKit.Dns;

/// <summary>unbound with data of its own. It knows the zone <c>test.</c> and asks nobody.</summary>
internal sealed class UnboundServer : IDisposable
{
    private const int Attempts = 5;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unbound-");
    private readonly Process _process;

    private UnboundServer(string[] prefix, IReadOnlyList<IPEndPoint> addresses, IEnumerable<string> records)
    {
        Addresses = addresses;
        var configuration = Path.Combine(_folder.FullName, "unbound.conf");
        File.WriteAllLines(configuration, Configuration(records));
        string[] command = [.. prefix, Find(), "-d", "-c", configuration];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        AwaitStart();
    }

    /// <summary>Where it listens, UDP and TCP.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; }

    /// <summary>Starts it on loopback.</summary>
    /// <param name="records">Records as a zone file has them.</param>
    public static UnboundServer Start(params IEnumerable<string> records)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Find();
            try
            {
                return new UnboundServer([], [new(IPAddress.Loopback, port), new(IPAddress.IPv6Loopback, port)], records);
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
                // somebody has taken the port, UDP or IPv6
            }
        }
    }

    /// <summary>Starts it in a network namespace, at port 53 of these addresses.</summary>
    public static UnboundServer StartIn(string networkNamespace, IEnumerable<IPAddress> addresses, params IEnumerable<string> records) =>
        new(["ip", "netns", "exec", networkNamespace], [.. addresses.Select(static address => new IPEndPoint(address, 53))], records);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Find() => new[] { "/usr/sbin/unbound", "/usr/bin/unbound" }.FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("unbound is needed: install the Debian package unbound");

    private IEnumerable<string> Configuration(IEnumerable<string> records) =>
    [
        "server:",
        "  access-control: 0.0.0.0/0 allow",
        "  access-control: ::/0 allow",
        "  username: \"\"",
        "  chroot: \"\"",
        $"  directory: \"{_folder.FullName}\"",
        "  pidfile: \"\"",
        "  use-syslog: no",
        "  num-threads: 1",
        "  so-rcvbuf: 4m",
        "  max-udp-size: 4096",
        "  msg-buffer-size: 65552",
        "  local-zone: \"test.\" static",
        .. Addresses.Select(static address => $"  interface: {address.Address}@{address.Port}"),
        .. records.Select(static record => $"  local-data: '{record}'"),
    ];

    private void AwaitStart()
    {
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new ConcurrentQueue<string>();
        _ = Task.Run(() =>
        {
            // To the end, so that it never waits for a reader.
            while (_process.StandardError.ReadLine() is { } line)
            {
                said.Enqueue(line);
                if (line.Contains("start of service", StringComparison.Ordinal))
                {
                    started.TrySetResult(true);
                }
            }

            started.TrySetResult(false);
        });
        if (!started.Task.Wait(s_patience) || !started.Task.Result)
        {
            Dispose();
            throw new InvalidOperationException($"unbound did not start: {string.Join('\n', said)}");
        }
    }
}
