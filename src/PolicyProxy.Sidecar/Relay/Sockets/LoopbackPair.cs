using System.ComponentModel;
using System.Net;

namespace PolicyProxy.Sidecar.Relay.Sockets;

/// <summary>Listens on the same port of both loopback addresses.</summary>
internal static class LoopbackPair
{
    /// <summary>Ports tried before giving up: 64. Each is free on IPv4 and chosen at random by the kernel, so more than a few mean a deeper reason.</summary>
    private const int MaxTries = 64;

    /// <summary>The sockets and their addresses, IPv4 first; without IPv6 on this machine only that.</summary>
    /// <param name="port">The port; 0 = one that is free on both.</param>
    /// <param name="backlog">Connections that wait to be accepted.</param>
    /// <exception cref="Win32Exception">The port is in use, or none is free on both.</exception>
    public static IReadOnlyList<(int Descriptor, IPEndPoint Address)> Listen(ushort port, int backlog)
    {
        for (var tries = 1; ; tries++)
        {
            var first = StreamSocket.Listen(new IPEndPoint(IPAddress.Loopback, port), backlog);
            var address = StreamSocket.LocalAddress(first) ?? new IPEndPoint(IPAddress.Loopback, port);
            var twin = new IPEndPoint(IPAddress.IPv6Loopback, address.Port);
            try
            {
                return [(first, address), (StreamSocket.Listen(twin, backlog), twin)];
            }
            catch (Win32Exception error) when (error.NativeErrorCode is Libc.EAFNOSUPPORT or Libc.EADDRNOTAVAIL)
            {
                return [(first, address)]; // no IPv6 in the kernel, or none on this interface
            }
            catch (Win32Exception error)
            {
                StreamSocket.Close(first);
                if (error.NativeErrorCode != Libc.EADDRINUSE || port != 0 || tries == MaxTries)
                {
                    throw;
                }
            }
        }
    }
}
