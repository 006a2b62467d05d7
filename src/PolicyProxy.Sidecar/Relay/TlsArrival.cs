using PolicyProxy.Gate;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>The application protocols of a ClientHello that mean something here (RFC 7301).</summary>
[Flags]
internal enum TlsOffer : byte
{
    None = 0,

    /// <summary><c>http/1.1</c>.</summary>
    Http1 = 1,

    /// <summary><c>h2</c>.</summary>
    Http2 = 2,
}

/// <summary>A connection whose ClientHello was judged, and whose inside has to be judged too. Immutable.</summary>
internal sealed record TlsArrival
{
    /// <summary>What was read from the client, the ClientHello first.</summary>
    public required byte[] Received { get; init; }

    /// <summary>The name it asks for, in lower case; empty = none.</summary>
    public required string ServerName { get; init; }

    /// <summary>The application protocols it offers.</summary>
    public required TlsOffer Offer { get; init; }

    /// <summary>The verdict on the handshake.</summary>
    public required ConnectionPermit Permit { get; init; }

    /// <summary>What rules ask for beyond the name.</summary>
    public required TlsHandling Handling { get; init; }

    /// <summary>Where the connection goes on.</summary>
    public required UpstreamRoute Route { get; init; }

    /// <summary>The loop that serves what is inside.</summary>
    public required RelayLoop Loop { get; init; }
}
