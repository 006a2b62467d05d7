using System.Net.Sockets;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Decrypting;

/// <summary>Two local sockets that are connected: plaintext between the relay and TLS never leaves the process.</summary>
/// <param name="Relay">The relay's end.</param>
/// <param name="Own">The other end.</param>
internal readonly record struct LocalPair(PlaintextEnd Relay, Socket Own)
{
    /// <summary>Makes one; null with the error number if there is none to be had.</summary>
    public static unsafe LocalPair? Create(out int error)
    {
        var pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0, pair) != 0)
        {
            error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
            return null;
        }

        error = 0;
        return new LocalPair(new PlaintextEnd(pair[0]), new Socket(new SafeSocketHandle(pair[1], ownsHandle: true)));
    }
}
