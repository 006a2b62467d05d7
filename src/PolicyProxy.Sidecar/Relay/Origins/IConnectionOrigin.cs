using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Relay.Origins;

/// <summary>A connection that was just accepted.</summary>
/// <param name="Descriptor">The connected socket.</param>
/// <param name="Peer">Its other end; null if it is gone already.</param>
/// <param name="Listening">Address of the listening socket.</param>
internal readonly record struct AcceptedConnection(int Descriptor, IPEndPoint? Peer, IPEndPoint Listening);

/// <summary>How connections come to a listening socket, and so what is judged about them and where they go on. Thread-safe.</summary>
internal interface IConnectionOrigin
{
    /// <summary>Has a connection judged.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="door">Who judges.</param>
    /// <param name="permit">The verdict.</param>
    /// <param name="route">Where the connection goes on, and nowhere else; null = to the upstream of the sidecar.</param>
    /// <returns>False if it did not come as the connections of this socket come: nothing was judged, and it must not be served.</returns>
    bool TryAdmit(in AcceptedConnection connection, HttpDoor door, out ConnectionPermit permit, out UpstreamRoute? route);
}
