using System.ComponentModel;
using System.Net;
using PolicyProxy.Sidecar.Relay.Handover;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Binds consecutive UDP ports of both loopback addresses.</summary>
internal static class SlotSockets
{
    /// <summary>Places tried before giving up: 64. Each starts at a port the kernel chooses at random.</summary>
    private const int MaxTries = 64;

    /// <summary>The sockets, each with its number from 1, and the port before the first.</summary>
    /// <param name="count">How many ports.</param>
    /// <param name="bufferBytes">Size of the kernel's buffers.</param>
    /// <exception cref="Win32Exception">There is no such place.</exception>
    public static (int Base, IReadOnlyList<(int Slot, int Descriptor)> Sockets) Bind(int count, int bufferBytes)
    {
        for (var tries = 1; ; tries++)
        {
            var probe = DatagramSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), bufferBytes);
            var start = StreamSocket.LocalAddress(probe)?.Port ?? 0;
            StreamSocket.Close(probe);
            var sockets = new List<(int, int)>();
            try
            {
                for (var slot = 1; slot <= count; slot++)
                {
                    sockets.Add((slot, DatagramSocket.Bind(new IPEndPoint(IPAddress.Loopback, checked((ushort)(start + slot))), bufferBytes)));
                    Add(sockets, slot, new IPEndPoint(IPAddress.IPv6Loopback, start + slot), bufferBytes);
                }

                return (start, sockets);
            }
            catch (Exception error) when (error is Win32Exception { NativeErrorCode: Libc.EADDRINUSE } or OverflowException && tries < MaxTries)
            {
                sockets.ForEach(static socket => StreamSocket.Close(socket.Item2));
            }
        }
    }

    /// <summary>As <see cref="Bind"/>, the sockets of the process before at the same ports; null if it does not leave all of them.</summary>
    public static (int Base, IReadOnlyList<(int Slot, int Descriptor)> Sockets)? Inherit(int count, int start, InheritedListeners? inherited)
    {
        if (start == 0 || inherited is null)
        {
            return null;
        }

        var sockets = new List<(int, int)>();
        for (var slot = 1; slot <= count; slot++)
        {
            if (!inherited.TryTakeDatagrams(new IPEndPoint(IPAddress.Loopback, start + slot), out var first))
            {
                sockets.ForEach(static socket => StreamSocket.Close(socket.Item2));
                return null;
            }

            sockets.Add((slot, first));
            if (inherited.TryTakeDatagrams(new IPEndPoint(IPAddress.IPv6Loopback, start + slot), out var second))
            {
                sockets.Add((slot, second));
            }
        }

        return (start, sockets);
    }

    private static void Add(List<(int, int)> sockets, int slot, IPEndPoint address, int bufferBytes)
    {
        try
        {
            sockets.Add((slot, DatagramSocket.Bind(address, bufferBytes)));
        }
        catch (Win32Exception error) when (error.NativeErrorCode is Libc.EAFNOSUPPORT or Libc.EADDRNOTAVAIL)
        {
            // no IPv6 in the kernel, or none on this interface
        }
    }
}
