using PolicyProxy.Gate;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>Finds where a client that speaks in the open goes on if a rule asks for TLS to the server.</summary>
/// <param name="permit">The client's permit.</param>
/// <param name="route">Where it would go on.</param>
/// <param name="server">The host it names, in lower case.</param>
/// <param name="originating">The context.</param>
/// <param name="reason">Why there is no way, if the result is null.</param>
internal delegate UpstreamRoute? OriginateTls(in ConnectionPermit permit, UpstreamRoute route, string server, TlsContext originating, out string reason);
