using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay.Origins;

/// <summary>Clients connect to the sidecar itself, in place of its upstream: ingress of the workload behind it.</summary>
internal sealed class Forwarded : IConnectionOrigin
{
    public static Forwarded Instance { get; } = new();

    public bool TryAdmit(in AcceptedConnection connection, HttpDoor door, out ConnectionPermit permit, out UpstreamRoute? route)
    {
        _ = door.Admit(connection.Peer, LocalOf(connection.Descriptor, connection.Listening), out permit);
        route = null;
        return true;
    }

    /// <summary>The address at which a client was accepted.</summary>
    public static IPEndPoint? LocalOf(int descriptor, IPEndPoint listening) =>
        listening.Address.Equals(IPAddress.Any) || listening.Address.Equals(IPAddress.IPv6Any) ? StreamSocket.LocalAddress(descriptor) : listening;
}
