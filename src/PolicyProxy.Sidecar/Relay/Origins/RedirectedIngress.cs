using System.Net;
using System.Net.Sockets;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.Relay.Origins;

/// <summary>
/// A client connected to the workload and was redirected here: ingress on the port it connected to. The connection goes on to the same port on
/// loopback, where the workload listens in the same network namespace and is shown the true client.
/// </summary>
/// <param name="sockets">Knows the true destination, and shows the client.</param>
/// <param name="needsClientShown">False also serves workloads that then see the proxy as their client.</param>
internal sealed class RedirectedIngress(IRedirectedSockets sockets, bool needsClientShown) : IConnectionOrigin
{
    public bool TryAdmit(in AcceptedConnection connection, HttpDoor door, out ConnectionPermit permit, out UpstreamRoute? route)
    {
        permit = default;
        route = null;

        // The proxy's own port is nobody's destination: what was made to it would be sent to the proxy again, for ever.
        if (connection.Peer is not { } client
            || sockets.GetDestination(connection) is not { } destination
            || destination.Port == connection.Listening.Port)
        {
            return false;
        }

        var tuple = new ConnectionTuple
        {
            Direction = TrafficDirection.Ingress,
            Subject = door.Subject(),
            Protocol = TransportProtocol.Tcp,
            Port = (ushort)destination.Port,
            Source = client,
            Destination = destination,
            Audit = door.Audit,
        };
        _ = door.Gate.Connect(tuple, out permit);
        var loopback = destination.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        route = new UpstreamRoute(new IPEndPoint(loopback, destination.Port))
        {
            Client = new ShownClient(sockets, client, needsClientShown),
        };
        return true;
    }
}
