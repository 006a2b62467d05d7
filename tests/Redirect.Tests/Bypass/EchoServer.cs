using System.Net;
using System.Net.Sockets;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Bypass;

/// <summary>Sends back what it gets, from where it got it: over TCP and UDP on a port each of some addresses of a namespace.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly List<Socket> _sockets = [];

    /// <summary>Starts it.</summary>
    public EchoServer(NetworkNamespace where, params IPAddress[] addresses)
    {
        foreach (var address in addresses)
        {
            var listener = where.Run(() => Bound(address, SocketType.Stream, ProtocolType.Tcp, TcpPort));
            var datagrams = where.Run(() => Bound(address, SocketType.Dgram, ProtocolType.Udp, UdpPort));
            TcpPort = ((IPEndPoint)listener.LocalEndPoint!).Port;
            UdpPort = ((IPEndPoint)datagrams.LocalEndPoint!).Port;
            listener.Listen();
            _sockets.AddRange([listener, datagrams]);
            _ = AcceptAsync(listener);
            _ = AnswerDatagramsAsync(datagrams);
        }
    }

    public int TcpPort { get; }

    public int UdpPort { get; }

    public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());

    private static Socket Bound(IPAddress address, SocketType type, ProtocolType protocol, int port)
    {
        var socket = new Socket(address.AddressFamily, type, protocol);
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    }

    private static async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptAsync());
            }
        }
        catch (SocketException)
        {
            // disposed
        }
    }

    private static async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                var buffer = new byte[4096];
                while (await socket.ReceiveAsync(buffer) is > 0 and var length)
                {
                    await socket.SendAsync(buffer.AsMemory(0, length));
                }
            }
            catch (SocketException)
            {
                // the client's affair
            }
        }
    }

    private static async Task AnswerDatagramsAsync(Socket datagrams)
    {
        var anyone = new IPEndPoint(datagrams.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var buffer = new byte[65_536];
        try
        {
            while (true)
            {
                var got = await datagrams.ReceiveFromAsync(buffer, SocketFlags.None, anyone);
                await datagrams.SendToAsync(buffer.AsMemory(0, got.ReceivedBytes), SocketFlags.None, got.RemoteEndPoint);
            }
        }
        catch (SocketException)
        {
            // disposed
        }
    }
}
