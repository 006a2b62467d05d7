using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Relay.Origins;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay.Origins;

/// <summary>Takes the kernel's part: knows of each client socket that it connects to a listener where the connection was going.</summary>
internal sealed class TestRedirection : IRedirectedSockets
{
    public static readonly WorkloadProcess Process = new() { Id = 4711, Command = "shopper", UserId = 1000, CgroupId = 42 };

    private readonly ConcurrentDictionary<EndPoint, IPEndPoint> _destinations = new();

    /// <summary>Error number that showing a client ends with; 0 = it is shown.</summary>
    public int ShowError { get; set; }

    /// <summary>The clients shown so far.</summary>
    public ConcurrentQueue<IPEndPoint> Shown { get; } = new();

    /// <summary>A connection to a listener that was made to <paramref name="destination"/>.</summary>
    public async Task<Socket> ConnectAsync(IPEndPoint listener, IPEndPoint destination)
    {
        var socket = new Socket(listener.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(listener.Address, 0));
            _destinations[socket.LocalEndPoint!] = destination;
            await socket.ConnectAsync(listener);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<RawHttpConnection> ConnectHttpAsync(IPEndPoint listener, IPEndPoint destination) =>
        new(await ConnectAsync(listener, destination));

    /// <summary>HttpClient's transport: whatever it connects to is redirected to the listener.</summary>
    public SocketsHttpHandler Handler(IPEndPoint listener) => new()
    {
        UseProxy = false,
        ConnectCallback = async (context, _) =>
            new NetworkStream(await ConnectAsync(listener, new IPEndPoint(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port)), ownsSocket: true),
    };

    public bool TryGetOriginal(in AcceptedConnection connection, out RedirectedConnection original)
    {
        original = default;
        if (GetDestination(connection) is not { } destination)
        {
            return false;
        }

        original = new RedirectedConnection
        {
            EndPoint = destination,
            Verdict = (byte)KernelVerdict.Proxy,
            ProcessId = (uint)Process.Id,
            Command = Process.Command,
            UserId = Process.UserId,
            CgroupId = Process.CgroupId,
        };
        return original.IsComplete;
    }

    public IPEndPoint? GetDestination(in AcceptedConnection connection) => _destinations.GetValueOrDefault(connection.Peer!);

    public int ShowClient(int descriptor, IPEndPoint client)
    {
        Shown.Enqueue(client);
        return ShowError;
    }
}
