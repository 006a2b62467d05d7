using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Relay.Sockets;

/// <summary>What a non-blocking call did.</summary>
internal enum IoStatus : byte
{
    /// <summary>Bytes were moved.</summary>
    Done,

    /// <summary>Nothing now; the loop tells when it is worth another try.</summary>
    WouldBlock,

    /// <summary>The peer has ended its side.</summary>
    End,

    /// <summary>The connection is broken.</summary>
    Failed,
}

/// <summary>Calls on non-blocking TCP sockets by descriptor.</summary>
internal static unsafe class StreamSocket
{
    /// <summary>Room for a <c>sockaddr_in6</c>.</summary>
    private const int MaxAddressBytes = 28;

    private const int SocketFlags = Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC;

    /// <summary>Binds and listens.</summary>
    /// <exception cref="Win32Exception">The address is in use, is not this machine's or needs a privilege.</exception>
    public static int Listen(IPEndPoint address, int backlog)
    {
        var family = address.AddressFamily == AddressFamily.InterNetworkV6 ? 10 : 2;
        var descriptor = Libc.socket(family, Libc.SOCK_STREAM | SocketFlags, 0);
        try
        {
            Check(descriptor);
            SetOption(descriptor, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1);
            Prepare(descriptor); // accepted connections inherit it
            if (family == 10)
            {
                // [::] takes IPv4 clients as well, as Kestrel's ListenAnyIP
                SetOption(descriptor, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, address.Address.Equals(IPAddress.IPv6Any) ? 0 : 1);
            }

            var native = address.Serialize();
            fixed (byte* bytes = native.Buffer.Span)
            {
                Check(Libc.bind(descriptor, bytes, (uint)native.Size));
            }

            Check(Libc.listen(descriptor, backlog));
            return descriptor;
        }
        catch
        {
            Close(descriptor);
            throw;
        }
    }

    /// <summary>Takes a waiting connection; -errno if there is none or it failed.</summary>
    public static int Accept(int listener, out IPEndPoint? peer)
    {
        var native = stackalloc byte[MaxAddressBytes];
        uint length = MaxAddressBytes;
        var descriptor = Libc.accept4(listener, native, &length, SocketFlags);
        peer = descriptor < 0 ? null : ToEndPoint(native, length);
        return descriptor < 0 ? -Marshal.GetLastPInvokeError() : descriptor;
    }

    /// <summary>The kernel's number of a socket, the same for every descriptor of it; 0 = it tells none.</summary>
    public static ulong CookieOf(int descriptor)
    {
        ulong cookie = 0;
        uint length = sizeof(ulong);
        return Libc.getsockopt(descriptor, Libc.SOL_SOCKET, Libc.SO_COOKIE, &cookie, &length) == 0 ? cookie : 0;
    }

    /// <summary>The address a connection arrived at.</summary>
    public static IPEndPoint? LocalAddress(int descriptor)
    {
        var native = stackalloc byte[MaxAddressBytes];
        uint length = MaxAddressBytes;
        return Libc.getsockname(descriptor, native, &length) < 0 ? null : ToEndPoint(native, length);
    }

    /// <summary>A socket to connect with; -errno if there is none to be had.</summary>
    public static int Create(AddressFamily addressFamily)
    {
        var family = addressFamily == AddressFamily.InterNetworkV6 ? 10 : 2;
        var descriptor = Libc.socket(family, Libc.SOCK_STREAM | SocketFlags, 0);
        return descriptor < 0 ? -Marshal.GetLastPInvokeError() : descriptor;
    }

    /// <summary>
    /// Starts connecting a socket. A negative result is -errno and the socket is closed; otherwise the descriptor, with
    /// <paramref name="connected"/> telling if it is usable already.
    /// </summary>
    public static int Connect(int descriptor, IPEndPoint address, out bool connected)
    {
        var native = address.Serialize();
        fixed (byte* bytes = native.Buffer.Span)
        {
            connected = Libc.connect(descriptor, bytes, (uint)native.Size) == 0;
        }

        var error = connected ? 0 : Marshal.GetLastPInvokeError();
        if (error is 0 or Libc.EINPROGRESS)
        {
            return descriptor;
        }

        Close(descriptor);
        return -error;
    }

    /// <summary>The error a connect ended with; 0 = connected.</summary>
    public static int TakeError(int descriptor)
    {
        var error = 0;
        uint length = sizeof(int);
        return Libc.getsockopt(descriptor, Libc.SOL_SOCKET, Libc.SO_ERROR, &error, &length) < 0 ? Marshal.GetLastPInvokeError() : error;
    }

    /// <summary>Options of every relayed connection: no delay of small segments, dead peers found in the end.</summary>
    public static void Prepare(int descriptor)
    {
        SetOption(descriptor, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, 1);
        SetOption(descriptor, Libc.SOL_SOCKET, Libc.SO_KEEPALIVE, 1);
    }

    /// <summary>Receives into memory; count is only meaningful when Done.</summary>
    public static IoStatus Receive(int descriptor, byte* buffer, int length, out int count, int flags = 0)
    {
        nint received;
        do
        {
            received = Libc.recv(descriptor, buffer, length, flags);
        }
        while (received < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        count = (int)received;
        return received > 0 ? IoStatus.Done
            : received == 0 ? IoStatus.End
            : Marshal.GetLastPInvokeError() == Libc.EAGAIN ? IoStatus.WouldBlock
            : IoStatus.Failed;
    }

    /// <summary>Sends from memory; count is only meaningful when Done and may be less than asked for.</summary>
    public static IoStatus Send(int descriptor, byte* bytes, int length, out int count)
    {
        nint sent;
        do
        {
            sent = Libc.send(descriptor, bytes, length, Libc.MSG_NOSIGNAL);
        }
        while (sent < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        count = (int)sent;
        return sent >= 0 ? IoStatus.Done : Marshal.GetLastPInvokeError() == Libc.EAGAIN ? IoStatus.WouldBlock : IoStatus.Failed;
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public static void EndSending(int descriptor) => _ = Libc.shutdown(descriptor, Libc.SHUT_WR);

    /// <summary>Closes; <paramref name="reset"/> tells the peer that something broke instead of ended.</summary>
    public static void Close(int descriptor, bool reset = false)
    {
        if (descriptor < 0)
        {
            return;
        }

        if (reset)
        {
            var linger = 1L; // l_onoff = 1, l_linger = 0
            _ = Libc.setsockopt(descriptor, Libc.SOL_SOCKET, Libc.SO_LINGER, &linger, sizeof(long));
        }

        _ = Libc.close(descriptor);
    }

    private static void SetOption(int descriptor, int level, int option, int value) =>
        _ = Libc.setsockopt(descriptor, level, option, &value, sizeof(int));

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    // A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d; policies and inventories write a.b.c.d.
    internal static IPEndPoint? ToEndPoint(byte* native, uint length)
    {
        var port = (native[2] << 8) | native[3];
        var family = *(ushort*)native;
        if (family == 2 && length >= 8)
        {
            return new IPEndPoint(*(uint*)(native + 4), port);
        }

        if (family != 10 || length < MaxAddressBytes)
        {
            return null;
        }

        var address = new IPAddress(new ReadOnlySpan<byte>(native + 8, 16), *(uint*)(native + 24));
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }
}
