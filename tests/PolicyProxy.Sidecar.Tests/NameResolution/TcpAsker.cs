using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>A client of the proxy that sends bytes over TCP as they are.</summary>
internal sealed class TcpAsker : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly NetworkStream _stream;

    private TcpAsker(Socket socket) => _stream = new NetworkStream(socket, ownsSocket: true);

    public static async Task<TcpAsker> ConnectAsync(IPEndPoint proxy)
    {
        var socket = new Socket(proxy.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy);
        return new TcpAsker(socket);
    }

    /// <summary>A message behind its length.</summary>
    public static byte[] Frame(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];

    public Task SendRawAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    public Task SendAsync(byte[] message) => SendRawAsync(Frame(message));

    public void EndSending() => _stream.Socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next message; fails after half a minute.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        var length = new byte[2];
        await _stream.ReadExactlyAsync(length).AsTask().WaitAsync(s_patience);
        var message = new byte[(length[0] << 8) | length[1]];
        await _stream.ReadExactlyAsync(message).AsTask().WaitAsync(s_patience);
        return message;
    }

    public async Task<string> AskAsync(byte[] message)
    {
        await SendAsync(message);
        return DnsReplyText.Of(await ReceiveAsync());
    }

    /// <summary>Fails unless the connection ends in order, with nothing more in it.</summary>
    public async Task ReceiveEndAsync() => Assert.Equal(0, await _stream.ReadAsync(new byte[1]).AsTask().WaitAsync(s_patience));

    /// <summary>Waits for the end of the connection; false if something else comes.</summary>
    public async Task<bool> HasEndedAsync()
    {
        try
        {
            return await _stream.ReadAsync(new byte[1]).AsTask().WaitAsync(s_patience) == 0;
        }
        catch (IOException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }
    }

    public void Dispose() => _stream.Dispose();
}
