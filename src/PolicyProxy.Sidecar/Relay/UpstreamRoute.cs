using System.Net;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>The client that an upstream is to see in place of the proxy.</summary>
/// <param name="Sockets">Shows it.</param>
/// <param name="Address">Its address.</param>
/// <param name="IsRequired">False goes on without if nobody can show it.</param>
internal sealed record ShownClient(IRedirectedSockets Sockets, IPEndPoint Address, bool IsRequired);

/// <summary>Where one connection goes on: to one of these addresses and nowhere else. Its connections there serve it alone. Immutable.</summary>
/// <param name="addresses">The addresses, in the order they are tried.</param>
internal sealed class UpstreamRoute(params IPEndPoint[] addresses)
{
    /// <summary>Of a client that names its destinations itself, one request after another: nowhere, until it has named one.</summary>
    public static UpstreamRoute NamedByClient { get; } = new();

    /// <summary>The address tried first.</summary>
    public IPEndPoint Address => Addresses[0];

    /// <summary>All addresses.</summary>
    public IPEndPoint[] Addresses { get; } = addresses;

    /// <summary>Null = the upstream sees the proxy.</summary>
    public ShownClient? Client { get; init; }

    /// <summary>The TLS connection that what is relayed came out of, and goes into again; null = it is sent as it is.</summary>
    public IDecrypted? Decrypted { get; init; }

    /// <summary>Prepares a socket that is about to connect to the address; 0, or the error number with which connecting fails.</summary>
    public int Prepare(int descriptor)
    {
        if (Client is not { } client)
        {
            return 0;
        }

        var error = client.Sockets.ShowClient(descriptor, client.Address);
        return error == Libc.ENOPROTOOPT && !client.IsRequired ? 0 : error;
    }
}
