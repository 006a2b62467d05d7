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
        var listening = connection.Listening;
        var isAnyAddress = listening.Address.Equals(IPAddress.Any) || listening.Address.Equals(IPAddress.IPv6Any);
        _ = door.Admit(connection.Peer, isAnyAddress ? StreamSocket.LocalAddress(connection.Descriptor) : listening, out permit);
        route = null;
        return true;
    }
}
