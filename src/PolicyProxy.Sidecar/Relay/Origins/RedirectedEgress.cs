using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.Relay.Origins;

/// <summary>
/// The workload connected to somebody else and was redirected here: its egress. The connection goes on to the address it was made to, whatever
/// names its requests carry. One that was not redirected, but made to the proxy's own port, has no such address and is not served.
/// </summary>
internal sealed class RedirectedEgress(IRedirectedSockets sockets) : IConnectionOrigin
{
    public bool TryAdmit(in AcceptedConnection connection, HttpDoor door, out ConnectionPermit permit, out UpstreamRoute? route)
    {
        if (!sockets.TryGetOriginal(connection, out var original))
        {
            permit = default;
            route = null;
            return false;
        }

        var destination = original.EndPoint;
        var tuple = new ConnectionTuple
        {
            Direction = TrafficDirection.Egress,
            Subject = door.Subject(),
            Protocol = TransportProtocol.Tcp,
            Port = (ushort)destination.Port,
            Source = connection.Peer,
            Destination = destination,
            Process = original.Process,
            Audit = door.Audit,
        };
        _ = door.Gate.Connect(tuple, out permit);
        route = new UpstreamRoute(destination);
        return true;
    }
}
