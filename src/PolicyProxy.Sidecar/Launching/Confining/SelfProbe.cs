using System.Net.Sockets;
using System.Runtime.InteropServices;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>
/// Tries, from inside the command's cgroup, what policy denies. Only EPERM at once counts: a time-out or an unreachable network would look
/// refused today and be open tomorrow. A machine without a route has no datagram to judge; then a refused connection, which is judged
/// before its route is looked for, speaks for datagrams: its programs are attached after theirs.
/// </summary>
internal static unsafe class SelfProbe
{
    private const string NoRoute = "knows no way there";
    private const string NoFamily = "has no such family";
    private const int ENETUNREACH = 101;
    private const int EHOSTUNREACH = 113;

    /// <exception cref="EnforcementException">A destination was not refused.</exception>
    public static void Run(IReadOnlyList<ProbeTarget> targets)
    {
        ProbeTarget? unroutable = null;
        var isRefused = false;
        foreach (var target in targets)
        {
            switch (Try(target))
            {
                case null:
                    isRefused |= target.Protocol == TransportProtocol.Tcp;
                    break;
                case NoRoute:
                    unroutable ??= target;
                    break;
                case NoFamily:
                    break; // a kernel without the family lets nobody out by it
                case var outcome:
                    throw NotInForce(target, outcome);
            }
        }

        if (unroutable is { } unjudged && !isRefused)
        {
            throw NotInForce(unjudged, NoRoute);
        }
    }

    private static EnforcementException NotInForce(ProbeTarget target, string outcome) => new(
        $"policy is not in force: {target} is denied, but the kernel {outcome} instead of refusing it (EPERM); the command was not started. "
        + "Run \"policyproxy doctor\" for what this kernel lacks");

    /// <summary>Null if the kernel refused; otherwise what it did.</summary>
    private static string? Try(ProbeTarget target)
    {
        var isDatagram = target.Protocol == TransportProtocol.Udp;
        var family = target.Address.AddressFamily == AddressFamily.InterNetworkV6 ? 10 : 2;
        var type = (isDatagram ? 2 : Libc.SOCK_STREAM) | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC;
        var socket = Libc.socket(family, type, 0);
        if (socket < 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                ProcessCalls.EPERM => null,
                ProcessCalls.EAFNOSUPPORT => NoFamily,
                var error => $"made no socket: {ErrorText.Of(error)}",
            };
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
                    ENETUNREACH or EHOSTUNREACH or Libc.EADDRNOTAVAIL when isDatagram => NoRoute,
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
