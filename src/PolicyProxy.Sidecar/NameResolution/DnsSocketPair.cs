using System.ComponentModel;
using System.Net;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>The two sockets, for TCP and UDP, that take queries at one address.</summary>
/// <param name="Stream">Listens.</param>
/// <param name="Datagrams">Is bound.</param>
/// <param name="Address">Where, with the real port.</param>
internal readonly record struct DnsSocketPair(int Stream, int Datagrams, IPEndPoint Address)
{
    /// <summary>Ports tried, where any will do: 64. One that is free for TCP may be somebody's for UDP.</summary>
    private const int MaxTries = 64;

    /// <summary>Binds both.</summary>
    /// <param name="address">The address; port 0 = one that is free for both.</param>
    /// <param name="options">Bounds.</param>
    /// <exception cref="Win32Exception">The address is in use, is not this machine's or needs a privilege.</exception>
    public static DnsSocketPair Bind(IPEndPoint address, DnsProxyOptions options)
    {
        var tried = new List<int>(); // held until the end, so that the kernel gives another port each time
        try
        {
            while (true)
            {
                var stream = StreamSocket.Listen(address, options.MaxStreams);
                var real = StreamSocket.LocalAddress(stream) ?? address;
                try
                {
                    return new DnsSocketPair(stream, DatagramSocket.Bind(real, options.SocketBufferBytes), real);
                }
                catch (Win32Exception error)
                {
                    tried.Add(stream);
                    if (error.NativeErrorCode != Libc.EADDRINUSE || address.Port != 0 || tried.Count == MaxTries)
                    {
                        throw;
                    }
                }
            }
        }
        finally
        {
            tried.ForEach(static stream => StreamSocket.Close(stream));
        }
    }
}
