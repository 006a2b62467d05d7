using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Protocols.Tests.Dns.Differential;

/// <summary>unbound on loopback with the zone of <c>testdata/dns-zone.txt</c>. Started for the tests that share it, ended with them.</summary>
public sealed class UnboundServer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unbound-");
    private readonly Process _process;

    public UnboundServer()
    {
        Address = new(IPAddress.Loopback, FreePort());
        var configuration = Path.Combine(_folder.FullName, "unbound.conf");
        File.WriteAllText(configuration, Configuration());
        _process = Programs.Start("unbound", "unbound", "-d", "-c", configuration);
        AwaitStart();
    }

    /// <summary>Where it listens, UDP and TCP.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Sends a query over UDP, or over TCP if the answer is truncated.</summary>
    public byte[] Ask(byte[] query)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)s_patience.TotalMilliseconds };
        socket.Connect(Address);
        socket.Send(query);
        var buffer = new byte[65_535];
        var answer = buffer[..socket.Receive(buffer)];
        return (answer[2] & 2) == 0 ? answer : AskOverTcp(query);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private byte[] AskOverTcp(byte[] query)
    {
        using var client = new TcpClient { ReceiveTimeout = (int)s_patience.TotalMilliseconds };
        client.Connect(Address);
        client.GetStream().Write([(byte)(query.Length >> 8), (byte)query.Length, .. query]);
        var length = new byte[2];
        client.GetStream().ReadExactly(length);
        var answer = new byte[(length[0] << 8) | length[1]];
        client.GetStream().ReadExactly(answer);
        return answer;
    }

    private void AwaitStart()
    {
        var started = Task.Run(() =>
        {
            while (_process.StandardError.ReadLine() is { } line)
            {
                if (line.Contains("start of service", StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        });
        if (!started.Wait(s_patience) || !started.Result)
        {
            throw new InvalidOperationException("unbound did not start");
        }
    }

    private string Configuration() => $"""
        server:
          interface: {Address.Address}@{Address.Port}
          username: ""
          chroot: ""
          directory: "{_folder.FullName}"
          pidfile: ""
          use-syslog: no
          ede: yes
          module-config: "iterator"
          local-zone: "test." nodefault
        auth-zone:
          name: "zone.test"
          zonefile: "{Path.Combine(AppContext.BaseDirectory, "testdata", "dns-zone.txt")}"
          for-upstream: no
        """;

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

/// <summary>Starts programs of the system; a missing one fails the test with the package to install.</summary>
internal static class Programs
{
    public static Process Start(string program, string package, params IEnumerable<string> arguments)
    {
        var path = new[] { "/usr/sbin", "/usr/bin" }.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;
        try
        {
            return Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException($"{program} is needed: install the Debian package {package}", error);
        }
    }

    public static string Output(string program, string package, params IEnumerable<string> arguments)
    {
        using var process = Start(program, package, arguments);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
