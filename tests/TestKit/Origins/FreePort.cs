using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.TestKit.Origins;

/// <summary>Finds ports for programs that cannot be told to take any free one.</summary>
internal static class FreePort
{
    /// <summary>A loopback port nobody listens on at the moment. Somebody may take it first; then try another.</summary>
    public static int Find()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>True if somebody accepts connections at this loopback port.</summary>
    public static async Task<bool> IsServedAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
