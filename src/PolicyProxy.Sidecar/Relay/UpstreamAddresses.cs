using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// Where the upstream is. A name is resolved at the start and again in the background, at most every <see cref="RefreshAfter"/> and only
/// while connections are opened; the last good addresses stay when that fails. Thread-safe; reading never waits.
/// </summary>
internal sealed class UpstreamAddresses
{
    /// <summary>Age at which resolved addresses are looked up again: 30 seconds, the usual TTL of cluster-internal names.</summary>
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(30);

    private readonly string _host;
    private readonly int _port;
    private readonly TimeProvider _time;
    private volatile IPEndPoint[] _current;
    private long _resolvedAt;
    private int _isResolving;

    /// <summary>Starts with addresses that are known.</summary>
    public UpstreamAddresses(string host, int port, TimeProvider time, IPEndPoint[] first)
    {
        _host = host;
        _port = port;
        _time = time;
        _current = first;
        _resolvedAt = time.GetTimestamp();
        IsFixed = IPAddress.TryParse(host, out _);
    }

    /// <summary>True if the upstream was given as an address.</summary>
    public bool IsFixed { get; }

    /// <summary>Resolves for the first time.</summary>
    /// <exception cref="SidecarStartException">The name does not exist.</exception>
    public static UpstreamAddresses Resolve(Uri upstream, TimeProvider time)
    {
        var host = upstream.DnsSafeHost;
        try
        {
            return new UpstreamAddresses(host, upstream.Port, time, Order(Dns.GetHostAddresses(host), upstream.Port));
        }
        catch (SocketException error)
        {
            throw new SidecarStartException($"cannot resolve upstream '{host}': {error.Message}", error);
        }
    }

    /// <summary>The addresses to try, in order; never empty.</summary>
    public IPEndPoint[] Current
    {
        get
        {
            if (!IsFixed && _time.GetElapsedTime(Volatile.Read(ref _resolvedAt)) > RefreshAfter && Interlocked.Exchange(ref _isResolving, 1) == 0)
            {
                _ = RefreshAsync();
            }

            return _current;
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            var found = Order(await Dns.GetHostAddressesAsync(_host).ConfigureAwait(false), _port);
            if (found.Length > 0)
            {
                _current = found;
            }
        }
        catch (SocketException)
        {
            // the addresses known so far are better than none
        }
        finally
        {
            Volatile.Write(ref _resolvedAt, _time.GetTimestamp());
            Volatile.Write(ref _isResolving, 0);
        }
    }

    // The resolver's order is RFC 6724's.
    private static IPEndPoint[] Order(IPAddress[] addresses, int port) => [.. addresses.Select(address => new IPEndPoint(address, port))];
}
