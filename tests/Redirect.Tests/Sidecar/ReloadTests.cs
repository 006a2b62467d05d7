using System.Net;
using System.Net.Sockets;
using PolicyProxy.Redirect.Tests.Run;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>A policy that changes while connections are open.</summary>
[Collection(SidecarCollection.Name)]
public sealed class ReloadTests(World world)
{
    // One connection sends without end; a new one is tried again and again, and each try is a line.
    private const string Stream = """
        import socket, sys, threading
        host, port = sys.argv[1], int(sys.argv[2])
        live = socket.create_connection((host, port))
        def send():
            while True: live.sendall(b"x" * 100)
        threading.Thread(target=send, daemon=True).start()
        while True:
            try:
                socket.create_connection((host, port), 10).close()
                print("allowed", flush=True)
            except PermissionError: print("refused", flush=True)
            except OSError as error: print(error, flush=True)
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reload_ends_a_live_connection_that_is_no_longer_allowed_and_admits_new_ones_that_are(bool isIpv6)
    {
        var host = isIpv6 ? world.Network.V6(7) : world.Network.V4(7);
        var received = 0L;
        var listener = world.Network.Namespace.Run(() =>
        {
            var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(host, 9100));
            socket.Listen(64);
            return socket;
        });
        var accepting = new Thread(() => Accept(listener, bytes => Interlocked.Add(ref received, bytes)));
        accepting.Start();
        var allowing = Policies.Egress($$"""
            - toCIDR: ["{{host}}/{{(isIpv6 ? 128 : 32)}}"]
              toPorts:
              - ports: [{port: "9100", protocol: TCP}]
            """);
        await using var sidecar = await RunningSidecar.StartAsync(allowing);
        var client = sidecar.Start("python3", "-c", Stream, host.ToString(), "9100");
        client.Until(_ => Interlocked.Read(ref received) > 10_000);

        sidecar.SetPolicy(allowing.Replace("9100", "9101", StringComparison.Ordinal));
        client.Until(static line => line == "refused");
        client.Until(_ => IsStill(client, () => Interlocked.Read(ref received)));
        var stopped = Interlocked.Read(ref received);
        for (var round = 0; round < 200; round++)
        {
            Assert.Equal("refused", client.Next());
        }

        Assert.Equal(stopped, Interlocked.Read(ref received));

        sidecar.SetPolicy(allowing);
        client.Until(static line => line == "allowed");
        listener.Close();
        accepting.Join();
    }

    // What was on its way when the policy came into force arrives; then nothing more.
    private static bool IsStill(Workload client, Func<long> read)
    {
        var before = read();
        for (var round = 0; round < 20; round++)
        {
            client.Next();
        }

        return read() == before;
    }

    private static void Accept(Socket listener, Action<int> received)
    {
        try
        {
            while (true)
            {
                _ = ReadAsync(listener.Accept(), received);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // closed
        }
    }

    private static async Task ReadAsync(Socket socket, Action<int> received)
    {
        using (socket)
        {
            var bytes = new byte[65_536];
            try
            {
                while (await socket.ReceiveAsync(bytes) is > 0 and var length)
                {
                    received(length);
                }
            }
            catch (SocketException)
            {
                // reset
            }
        }
    }
}
