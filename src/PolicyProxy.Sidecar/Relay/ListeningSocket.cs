using System.Net;
using PolicyProxy.Sidecar.Relay.Origins;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>A listening socket of a relay.</summary>
/// <param name="Descriptor">The socket; the server's to close.</param>
/// <param name="Address">Its address, with the real port.</param>
/// <param name="Origin">How connections come to it.</param>
internal sealed record ListeningSocket(int Descriptor, IPEndPoint Address, IConnectionOrigin Origin);
