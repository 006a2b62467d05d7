using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>
/// An origin that answers its first request with given bytes, whatever they are, and every other one properly with its target in the
/// field X-Target. It keeps all it received.
/// </summary>
internal sealed class HostileOrigin : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly StringBuilder _received = new();
    private readonly Task _accepting;
    private string? _first;

    public HostileOrigin(string first)
    {
        _first = first;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public string Received
    {
        get
        {
            lock (_received)
            {
                return _received.ToString();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // stopped
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using var owned = connection;
        var buffer = new byte[4096];
        var pending = string.Empty;
        try
        {
            while (await connection.ReceiveAsync(buffer.AsMemory()) is > 0 and var count)
            {
                var text = Encoding.Latin1.GetString(buffer, 0, count);
                lock (_received)
                {
                    _received.Append(text);
                }

                pending += text;
                for (var end = pending.IndexOf("\r\n\r\n", StringComparison.Ordinal); end >= 0; end = pending.IndexOf("\r\n\r\n", StringComparison.Ordinal))
                {
                    var target = pending.Split(' ').ElementAtOrDefault(1) ?? string.Empty;
                    pending = pending[(end + 4)..];
                    var answer = Interlocked.Exchange(ref _first, null) ?? $"HTTP/1.1 200 OK\r\nX-Target: {target}\r\nContent-Length: 0\r\n\r\n";
                    await connection.SendAsync(Encoding.Latin1.GetBytes(answer));
                }
            }
        }
        catch (SocketException)
        {
            // the relay does not want to hear more
        }
    }
}
