using System.Net.Sockets;

namespace PolicyProxy.TestKit.Dns;

/// <summary>A connection to a <see cref="ScriptedResolver"/>.</summary>
internal sealed class ResolverConnection(Socket socket)
{
    /// <summary>Sends a message behind its length.</summary>
    public Task SendAsync(byte[] message) => SendRawAsync([(byte)(message.Length >> 8), (byte)message.Length, .. message]);

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendRawAsync(byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent));
        }
    }

    /// <summary>Ends its side; queries are still read.</summary>
    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    public void Close() => socket.Dispose();
}
