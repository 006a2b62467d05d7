using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Enforcement.Client;

/// <summary>An open connection to a checked address. Tells its route when it ends; until then what is known of the address is kept.</summary>
internal sealed class RouteConnection(Socket socket, IPAddress address, ClientRoute route, IDisposable? hold) : NetworkStream(socket, ownsSocket: true)
{
    private int _isClosed;

    /// <summary>The address it is connected to.</summary>
    public IPAddress Address => address;

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            route.Remove(this);
            hold?.Dispose();
        }

        base.Dispose(disposing);
    }
}
