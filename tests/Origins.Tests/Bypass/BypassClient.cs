using System.Net;
using System.Net.Sockets;
using System.Text;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>The attacker's end: sends the steps of a case, closes its side, reads until the other end closes.</summary>
internal static class BypassClient
{
    /// <summary>Runs the steps on one connection.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="steps">What, one byte per character.</param>
    /// <param name="patience">Longest wait for the end; null = <see cref="Origin.Patience"/>.</param>
    public static async Task<OriginExchange> SendAsync(IPEndPoint server, IReadOnlyList<string> steps, TimeSpan? patience = null)
    {
        var received = await ReceiveAllAsync(server, steps, patience ?? Origin.Patience);
        return new OriginExchange(OriginClient.Read(received.Bytes), received.IsClosed);
    }

    /// <summary>As <see cref="SendAsync"/>; gives the bytes as they came.</summary>
    public static async Task<(byte[] Bytes, bool IsClosed)> ReceiveAllAsync(IPEndPoint server, IReadOnlyList<string> steps, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(BypassPolicy.Client, 0));
        await socket.ConnectAsync(server, deadline.Token);
        using var received = new MemoryStream();
        var isClosed = true;
        try
        {
            await WriteAsync(socket, steps[0], deadline.Token);
            foreach (var step in steps.Skip(1))
            {
                await ReadResponseAsync(socket, received, deadline.Token);
                await WriteAsync(socket, step, deadline.Token);
            }

            socket.Shutdown(SocketShutdown.Send);
            while (await ReceiveAsync(socket, received, deadline.Token))
            {
            }
        }
        catch (SocketException)
        {
            // reset: what was refused is not read on
        }
        catch (OperationCanceledException)
        {
            isClosed = false;
        }

        return (received.ToArray(), isClosed);
    }

    private static async Task WriteAsync(Socket socket, string text, CancellationToken cancellation)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), cancellation);
        }
    }

    // Until another head has come, final or not, or nothing more comes.
    private static async Task ReadResponseAsync(Socket socket, MemoryStream received, CancellationToken cancellation)
    {
        var start = (int)received.Length;
        while (await ReceiveAsync(socket, received, cancellation) && received.GetBuffer().AsSpan(start, (int)received.Length - start).IndexOf("\r\n\r\n"u8) < 0)
        {
        }
    }

    private static async Task<bool> ReceiveAsync(Socket socket, MemoryStream received, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        var count = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
        received.Write(buffer, 0, count);
        return count > 0;
    }
}
