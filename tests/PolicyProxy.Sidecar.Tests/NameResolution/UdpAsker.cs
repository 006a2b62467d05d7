using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>A client of the proxy that sends datagrams as they are.</summary>
internal sealed class UdpAsker : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public UdpAsker(IPEndPoint proxy)
    {
        Socket = new Socket(proxy.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4_194_304 };
        Socket.Connect(proxy);
    }

    public Socket Socket { get; }

    public async Task SendAsync(byte[] message) => await Socket.SendAsync(message);

    /// <summary>The next datagram; fails after half a minute.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        var buffer = new byte[65_535];
        return buffer[..await Socket.ReceiveAsync(buffer).WaitAsync(s_patience)];
    }

    public async Task<string> AskAsync(byte[] message)
    {
        await SendAsync(message);
        return DnsReplyText.Of(await ReceiveAsync());
    }

    public void Dispose() => Socket.Dispose();
}
