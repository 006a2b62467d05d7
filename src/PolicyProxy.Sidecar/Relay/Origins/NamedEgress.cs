using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Relay.Origins;

/// <summary>
/// The workload asks the proxy to connect it: its egress, to wherever each of its requests says. The permit given here allows nothing; there is
/// one that may only when a destination is known.
/// </summary>
internal sealed class NamedEgress : IConnectionOrigin
{
    public static NamedEgress Instance { get; } = new();

    public bool TryAdmit(in AcceptedConnection connection, HttpDoor door, out ConnectionPermit permit, out UpstreamRoute? route)
    {
        permit = new ConnectionPermit
        {
            Tuple = new ConnectionTuple
            {
                Direction = TrafficDirection.Egress,
                Subject = door.Subject(),
                Protocol = TransportProtocol.Tcp,
                Port = 0,
                Source = connection.Peer,
                Audit = door.Audit,
            },
        };
        route = UpstreamRoute.NamedByClient;
        return true;
    }
}
