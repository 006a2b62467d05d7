using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using PolicyProxy.Soak.Verdicts;
using PolicyProxy.Soak.Wire;

namespace PolicyProxy.Soak.Origins;

/// <summary>One instance of the server behind the sidecar. Several share a port; the kernel spreads connections over them.</summary>
internal sealed class Origin(Referee referee)
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int ReusePort = 15; // SO_REUSEPORT

    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Starts to listen; the address with the real port.</summary>
    public IPEndPoint Start(IPEndPoint address)
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(1));
        _listener.Bind(address);
        _listener.Listen(4096);
        _accepting = AcceptAsync(_listener);
        return (IPEndPoint)_listener.LocalEndPoint!;
    }

    /// <summary>Ends the instance at once as a dying process would: nothing is finished. Not to be used again.</summary>
    /// <param name="reset">True: connections are reset; false: they end, or are reset where bytes were unread.</param>
    public async Task KillAsync(bool reset)
    {
        _listener?.Dispose();
        await _accepting;
        foreach (var socket in _connections.Keys)
        {
            if (reset)
            {
                socket.Reset();
            }
            else
            {
                socket.Dispose();
            }
        }

        await _stop.CancelAsync();
        await Task.WhenAll(_connections.Values);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_stop.Token);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }

            socket.NoDelay = true;
            var serving = new OriginConnection(socket, referee).RunAsync(_stop.Token);
            _connections[socket] = serving;
            _ = serving.ContinueWith(
                (_, key) => _connections.TryRemove((Socket)key!, out Task? _), socket,
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
