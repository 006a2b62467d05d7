using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Redirect.Tests.Bypass;

/// <summary>Sockets of this machine, outside of any run: a listener on both loopback addresses and one other, and a UDP socket on loopback.</summary>
internal sealed class HostSockets : IDisposable
{
    private readonly List<Socket> _listeners = [];
    private readonly Socket _datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    /// <summary>Opens them.</summary>
    public HostSockets(IPAddress other)
    {
        Listen(IPAddress.Loopback);
        Listen(IPAddress.IPv6Loopback);
        Listen(other);
        _datagrams.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public int TcpPort => _listeners is [var first, ..] ? ((IPEndPoint)first.LocalEndPoint!).Port : 0;

    public int UdpPort => ((IPEndPoint)_datagrams.LocalEndPoint!).Port;

    /// <summary>True if nobody has connected or sent anything.</summary>
    public bool AreUntouched => _datagrams.Available == 0 && !_listeners.Exists(static listener => listener.Poll(0, SelectMode.SelectRead));

    public void Dispose()
    {
        _listeners.ForEach(static listener => listener.Dispose());
        _datagrams.Dispose();
    }

    private void Listen(IPAddress address)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, TcpPort));
        listener.Listen();
        _listeners.Add(listener);
    }
}
