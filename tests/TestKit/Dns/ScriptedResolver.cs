using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace PolicyProxy.TestKit.Dns;

/// <summary>A resolver on loopback, UDP and TCP on one port, that answers what a test says: also what no real server would.</summary>
internal sealed class ScriptedResolver : IAsyncDisposable
{
    private const int Attempts = 100;
    private const int BufferBytes = 4_194_304;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Func<ReceivedQuery, Task> _onQuery;
    private readonly Channel<ReceivedQuery> _received = Channel.CreateUnbounded<ReceivedQuery>();
    private readonly ConcurrentBag<Socket> _connections = [];
    private readonly Socket _listener;
    private readonly Socket _datagrams;
    private Exception? _fault;

    private ScriptedResolver(IPEndPoint address, Func<ReceivedQuery, Task>? onQuery)
    {
        _onQuery = onQuery ?? (query => _received.Writer.WriteAsync(query).AsTask());
        (_listener, _datagrams) = Bind(address);
        _listener.Listen(1024);
        Address = (IPEndPoint)_listener.LocalEndPoint!;
        _ = RunAsync(ReceiveAsync);
        _ = RunAsync(AcceptAsync);
    }

    public IPEndPoint Address { get; }

    /// <summary>Every query so far.</summary>
    public ConcurrentQueue<ReceivedQuery> Queries { get; } = [];

    /// <summary>Starts a resolver.</summary>
    /// <param name="onQuery">Deals with each query; null = <see cref="NextAsync"/> gives them.</param>
    /// <param name="address">Where; null = 127.0.0.1.</param>
    /// <param name="port">0 = any.</param>
    public static ScriptedResolver Start(Func<ReceivedQuery, Task>? onQuery = null, IPAddress? address = null, int port = 0) =>
        new(new IPEndPoint(address ?? IPAddress.Loopback, port), onQuery);

    /// <summary>The next query; fails after half a minute.</summary>
    public Task<ReceivedQuery> NextAsync() => _received.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    /// <summary>Sends a datagram from the resolver's address.</summary>
    public Task SendAsync(byte[] message, IPEndPoint receiver) => _datagrams.SendToAsync(message, SocketFlags.None, receiver);

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _datagrams.Dispose();
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        return _fault is null ? default : throw new InvalidOperationException("a script failed", _fault);
    }

    private static (Socket Listener, Socket Datagrams) Bind(IPEndPoint address)
    {
        for (var attempt = 1; ; attempt++)
        {
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            var datagrams = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = BufferBytes, SendBufferSize = BufferBytes };
            try
            {
                listener.Bind(address);
                datagrams.Bind(listener.LocalEndPoint!);
                return (listener, datagrams);
            }
            catch (SocketException) when (attempt < Attempts)
            {
                listener.Dispose();
                datagrams.Dispose();
            }
        }
    }

    private async Task RunAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception error) when (error is ObjectDisposedException or SocketException or IOException)
        {
            // the end of the test, or of a connection
        }
        catch (Exception error)
        {
            _fault = error;
        }
    }

    private Task TakeAsync(ReceivedQuery query)
    {
        Queries.Enqueue(query);
        return _onQuery(query);
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[65_535];
        while (true)
        {
            var got = await _datagrams.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(Address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
            await TakeAsync(new ReceivedQuery(buffer[..got.ReceivedBytes], (IPEndPoint)got.RemoteEndPoint, this, null));
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var socket = await _listener.AcceptAsync();
            _connections.Add(socket);
            _ = RunAsync(() => ServeAsync(socket));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var connection = new ResolverConnection(socket);
        var client = (IPEndPoint)socket.RemoteEndPoint!;
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var length = new byte[2];
        while (await stream.ReadAtLeastAsync(length, 2, throwOnEndOfStream: false) == 2)
        {
            var message = new byte[(length[0] << 8) | length[1]];
            await stream.ReadExactlyAsync(message);
            await TakeAsync(new ReceivedQuery(message, client, this, connection));
        }
    }
}
