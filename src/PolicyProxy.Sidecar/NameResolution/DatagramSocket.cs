using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Calls on non-blocking UDP sockets by descriptor.</summary>
internal static unsafe class DatagramSocket
{
    /// <summary>Room for a <c>sockaddr_in6</c>.</summary>
    public const int MaxAddressBytes = 28;

    private const int Flags = Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC;

    /// <summary>Binds a socket.</summary>
    /// <param name="address">The address; port 0 = one the kernel chooses.</param>
    /// <param name="bufferBytes">Size of the kernel's buffers.</param>
    /// <exception cref="Win32Exception">The address is in use, is not this machine's or needs a privilege.</exception>
    public static int Bind(IPEndPoint address, int bufferBytes) => Create(address, bufferBytes, &Libc.bind);

    /// <summary>A socket with a port the kernel chooses at random, which hears this peer only.</summary>
    /// <exception cref="Win32Exception">There is no way to the peer, or no socket to be had.</exception>
    public static int Connect(IPEndPoint peer, int bufferBytes) => Create(peer, bufferBytes, &Libc.connect);

    /// <summary>An address in the kernel's form; null if it is neither IPv4 nor IPv6.</summary>
    public static IPEndPoint? EndPoint(ReadOnlySpan<byte> native)
    {
        fixed (byte* start = native)
        {
            return StreamSocket.ToEndPoint(start, (uint)native.Length);
        }
    }

    /// <summary>The same for the same address in the kernel's form, and seldom for another.</summary>
    public static uint Hash(ReadOnlySpan<byte> native)
    {
        // Family and port of both; the address of IPv4, the end of it of IPv6.
        var hash = native.Length < sizeof(ulong) ? 0 : MemoryMarshal.Read<ulong>(native);
        if (native.Length == MaxAddressBytes)
        {
            hash ^= MemoryMarshal.Read<ulong>(native[16..]);
        }

        return (uint)((hash * 0x9E37_79B9_7F4A_7C15) >> 32);
    }

    /// <summary>True for a socket that takes datagrams.</summary>
    public static bool IsDatagram(int descriptor)
    {
        var type = 0;
        uint length = sizeof(int);
        return Libc.getsockopt(descriptor, Libc.SOL_SOCKET, Libc.SO_TYPE, &type, &length) == 0 && type == Libc.SOCK_DGRAM;
    }

    private static int Create(IPEndPoint address, int bufferBytes, delegate*<int, byte*, uint, int> call)
    {
        var isIpv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var descriptor = Check(Libc.socket(isIpv6 ? 10 : 2, Flags, 0));
        try
        {
            // Beyond the machine's limit only with the right to; as much as the limit allows otherwise.
            SetBuffer(descriptor, Libc.SO_RCVBUFFORCE, Libc.SO_RCVBUF, bufferBytes);
            SetBuffer(descriptor, Libc.SO_SNDBUFFORCE, Libc.SO_SNDBUF, bufferBytes);
            if (isIpv6)
            {
                var only = 1;
                _ = Libc.setsockopt(descriptor, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, &only, sizeof(int));
            }

            var native = address.Serialize();
            fixed (byte* bytes = native.Buffer.Span)
            {
                Check(call(descriptor, bytes, (uint)native.Size));
            }

            return descriptor;
        }
        catch
        {
            _ = Libc.close(descriptor);
            throw;
        }
    }

    private static void SetBuffer(int descriptor, int forced, int plain, int bytes)
    {
        if (Libc.setsockopt(descriptor, Libc.SOL_SOCKET, forced, &bytes, sizeof(int)) < 0)
        {
            _ = Libc.setsockopt(descriptor, Libc.SOL_SOCKET, plain, &bytes, sizeof(int));
        }
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
