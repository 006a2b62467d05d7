using System.Net;
using System.Net.Sockets;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.Sidecar.Relay.Sockets;
using PolicyProxy.Sidecar.Tests.Redirect;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

public sealed class DnsSocketPairTests
{
    private const int First = 40_000;
    private const int Free = 40_006;

    /// <summary>A network of eight ports, all but one of which somebody has for UDP.</summary>
    [RootFact]
    public void DnsSocketPair_any_port_is_one_that_is_free_for_both()
    {
        using var network = NetworkNamespace.Create($"ppd{Environment.ProcessId:x}");
        network.IpInside("link", "set", "lo", "up");
        network.Set("/proc/sys/net/ipv4/ip_local_port_range", $"{First} {First + 7}");

        var port = network.Run(static () =>
        {
            var others = Enumerable.Range(First, 8).Where(static port => port != Free).Select(static port =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return socket;
            }).ToList();
            var pair = DnsSocketPair.Bind(new IPEndPoint(IPAddress.Loopback, 0), new DnsProxyOptions());
            StreamSocket.Close(pair.Stream);
            StreamSocket.Close(pair.Datagrams);
            others.ForEach(static socket => socket.Dispose());
            return pair.Address.Port;
        });

        Assert.Equal(Free, port);
    }
}
