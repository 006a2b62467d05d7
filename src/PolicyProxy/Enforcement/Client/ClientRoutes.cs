using System.Collections.Concurrent;

namespace PolicyProxy.Enforcement.Client;

/// <summary>Host as <see cref="Uri.IdnHost"/> has it, and port: what the transport keeps one pool of connections for.</summary>
internal readonly record struct RouteKey(string Host, ushort Port);

/// <summary>The routes of one handler. Idle ones are forgotten when there are many, so memory is bounded by what is in use. Thread-safe.</summary>
internal sealed class ClientRoutes(ClientDoor door)
{
    /// <summary>From this many on, idle routes are looked for; each costs about 1 KiB.</summary>
    private const int ManyRoutes = 1_024;

    private readonly ConcurrentDictionary<RouteKey, ClientRoute> _routes = new();
    private int _sweepAt = ManyRoutes;

    public ClientDoor Door => door;

    /// <summary>The route of a URI.</summary>
    public ClientRoute Of(Uri uri) => Of(new RouteKey(uri.IdnHost, (ushort)uri.Port));

    /// <summary>The route of a host and port.</summary>
    public ClientRoute Of(RouteKey key)
    {
        if (_routes.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_routes.Count >= Volatile.Read(ref _sweepAt))
        {
            Sweep();
        }

        return _routes.GetOrAdd(key, static (key, door) => new ClientRoute(door, key), door);
    }

    private void Sweep()
    {
        foreach (var (key, route) in _routes)
        {
            if (route.IsIdle)
            {
                _routes.TryRemove(key, out _);
            }
        }

        Volatile.Write(ref _sweepAt, Math.Max(ManyRoutes, _routes.Count * 2));
    }
}
