using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.TestKit.Http;

/// <summary>HttpClient's transport from a chosen loopback address, the address policy takes the peer for.</summary>
internal static class FromAddress
{
    public static SocketsHttpHandler Handler(IPAddress source) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(source, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
