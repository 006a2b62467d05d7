using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>
/// Sends a request from a chosen source address, byte for byte as written: HttpClient would tidy up paths and hide how a connection ended.
/// </summary>
internal static class DemoClient
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>The status code, or <see cref="DemoRequest.Reset"/> when the connection ended without an answer.</summary>
    public static async Task<string> SendAsync(DemoRequest request, IPEndPoint target, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_limit);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(request.Sender.Address, 0));
        try
        {
            await socket.ConnectAsync(target, limit.Token).ConfigureAwait(false);
            var text = $"{request.Method} {request.Path} HTTP/1.1\r\nHost: api-server:8080\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            await socket.SendAsync(Encoding.ASCII.GetBytes(text), limit.Token).ConfigureAwait(false);
            return await ReadStatusAsync(socket, limit.Token).ConfigureAwait(false);
        }
        catch (SocketException problem) when (problem.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown)
        {
            return DemoRequest.Reset;
        }
    }

    private static async Task<string> ReadStatusAsync(Socket socket, CancellationToken stop)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), stop).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        // HTTP/1.1 200 OK
        return length >= 12 && buffer.AsSpan().StartsWith("HTTP/1.1 "u8) ? Encoding.ASCII.GetString(buffer, 9, 3) : DemoRequest.Reset;
    }
}
