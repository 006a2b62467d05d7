using System.Net.Sockets;
using System.Runtime.InteropServices;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>
/// Tries, from inside the command's cgroup, what policy denies. Only EPERM at once counts: a time-out or an unreachable network would look
/// refused today and be open tomorrow.
/// </summary>
internal static unsafe class SelfProbe
{
    /// <exception cref="EnforcementException">A destination was not refused.</exception>
    public static void Run(IReadOnlyList<ProbeTarget> targets)
    {
        foreach (var target in targets)
        {
            if (Try(target) is { } outcome)
            {
                throw new EnforcementException(
                    $"policy is not in force: {target} is denied, but the kernel {outcome} instead of refusing it (EPERM); the command was not started. "
                    + "Run \"policyproxy doctor\" for what this kernel lacks");
            }
        }
    }

    /// <summary>Null if the kernel refused; otherwise what it did.</summary>
    private static string? Try(ProbeTarget target)
    {
        var isDatagram = target.Protocol == TransportProtocol.Udp;
        var family = target.Address.AddressFamily == AddressFamily.InterNetworkV6 ? 10 : 2;
        var type = (isDatagram ? 2 : Libc.SOCK_STREAM) | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC;
        var socket = Libc.socket(family, type, 0);
        if (socket < 0)
        {
            // A kernel without the family lets nobody out by it.
            var error = Marshal.GetLastPInvokeError();
            return error is ProcessCalls.EPERM or ProcessCalls.EAFNOSUPPORT ? null : $"made no socket: {ErrorText.Of(error)}";
        }

        try
        {
            var address = target.Address.Serialize().Buffer.Span;
            fixed (byte* place = address)
            {
                byte nothing = 0;
                var result = isDatagram
                    ? ProcessCalls.sendto(socket, &nothing, 1, Libc.MSG_NOSIGNAL, place, (uint)address.Length)
                    : Libc.connect(socket, place, (uint)address.Length);
                var error = result < 0 ? Marshal.GetLastPInvokeError() : 0;
                return error switch
                {
                    ProcessCalls.EPERM => null,
                    0 => isDatagram ? "sent a datagram" : "connected",
                    Libc.EINPROGRESS => "began to connect",
                    _ => $"answered {ErrorText.Of(error)}",
                };
            }
        }
        finally
        {
            _ = Libc.close(socket);
        }
    }
}
