using System.Net;
using PolicyProxy.Sidecar.Relay.Origins;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>What can be asked of, and told to, whoever redirects connections to the proxy. Thread-safe; never blocks.</summary>
internal interface IRedirectedSockets
{
    /// <summary>Where an accepted connection of the workload was going; false if it was not redirected here.</summary>
    bool TryGetOriginal(in AcceptedConnection connection, out RedirectedConnection original);

    /// <summary>The address an accepted inbound connection was made to; null if the connection is gone.</summary>
    IPEndPoint? GetDestination(in AcceptedConnection connection);

    /// <summary>
    /// Makes a socket that is about to connect to the workload appear there as the connection of this client. 0, or the error number;
    /// <c>ENOPROTOOPT</c> if nobody takes care of it.
    /// </summary>
    int ShowClient(int descriptor, IPEndPoint client);
}
