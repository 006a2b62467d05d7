using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>What the connections of one event loop share. One thread, but for the counters.</summary>
internal sealed class RelayLoop : IDisposable
{
    private PolicySightings _seen;

    public RelayLoop(RelayShared shared, int number)
    {
        Shared = shared;
        Number = number;
        var options = shared.Options;
        Events = new EventLoop(new BufferPool(options.BufferBytes, shared.Budget), OnFault) { OnTick = OnTick };
        HeadTimeouts = Events.AddTimeout(options.HeadTimeout);
        NameTimeouts = Events.AddTimeout(options.NameTimeout);
        KeepAliveTimeouts = Events.AddTimeout(options.KeepAliveTimeout);
        IdleTimeouts = Events.AddTimeout(options.IdleTimeout);
        TunnelTimeouts = Events.AddTimeout(options.TunnelTimeout);
        DrainGraceTimeouts = Events.AddTimeout(options.DrainGrace);
        LingerTimeouts = Events.AddTimeout(options.LingerTimeout);
        ConnectTimeouts = Events.AddTimeout(options.ConnectTimeout);
        UpstreamIdleTimeouts = Events.AddTimeout(options.UpstreamIdleTimeout);
        Upstreams = new UpstreamPool(this);
        Scratch = new char[options.Http.MaxScratchChars];
        HelloScratch = new byte[options.Tls.MaxScratchBytes];
    }

    public RelayShared Shared { get; }

    public int Number { get; }

    public EventLoop Events { get; }

    public RelayOptions Options => Shared.Options;

    public HttpDoor Door => Shared.Door;

    public RelayCounters Counters { get; } = new();

    public UpstreamPool Upstreams { get; }

    /// <summary>Takes the characters of the request that is being judged.</summary>
    public char[] Scratch { get; }

    /// <summary>Takes the ClientHello that is being read, if it is cut over records.</summary>
    public byte[] HelloScratch { get; }

    /// <summary>True once the relay stops: no connection takes another request.</summary>
    public bool IsDraining { get; private set; }

    public TimeoutQueue HeadTimeouts { get; }

    public TimeoutQueue NameTimeouts { get; }

    public TimeoutQueue KeepAliveTimeouts { get; }

    public TimeoutQueue IdleTimeouts { get; }

    public TimeoutQueue TunnelTimeouts { get; }

    public TimeoutQueue DrainGraceTimeouts { get; }

    public TimeoutQueue LingerTimeouts { get; }

    public TimeoutQueue ConnectTimeouts { get; }

    public TimeoutQueue UpstreamIdleTimeouts { get; }

    /// <summary>Clients of this loop.</summary>
    public IEnumerable<ClientConnection> Clients => Events.Sockets.OfType<ClientConnection>();

    /// <summary>Serves a connection that was judged, and counted, before it came here. Thread-safe.</summary>
    /// <param name="descriptor">The connected socket.</param>
    /// <param name="permit">The verdict on it.</param>
    /// <param name="route">Where it goes on.</param>
    public void Adopt(int descriptor, ConnectionPermit permit, UpstreamRoute route) => Events.Post(() =>
    {
        Counters.AddActive();
        Listener.Begin(this, descriptor, permit, route);
    });

    /// <summary>Takes no more connections.</summary>
    public void StopListening() => Events.Sockets.OfType<Listener>().ToList().ForEach(static listener => listener.Stop());

    /// <summary>Takes no more requests; connections that wait for one are closed.</summary>
    public void Drain()
    {
        IsDraining = true;
        Upstreams.Clear();
        Clients.ToList().ForEach(static client => client.OnDrain());
    }

    /// <summary>Cuts off everything.</summary>
    public void Abort() => Clients.ToList().ForEach(static client => client.Abort());

    public void Dispose() => Events.Dispose();

    private void OnFault(Exception error)
    {
        Counters.Faults++;
        Shared.OnFault(error);
    }

    // A tunnel has no next request at which it would be judged again, so it is judged when policy has moved on.
    private void OnTick()
    {
        if (Shared.HasPolicyChanged(ref _seen))
        {
            Clients.ToList().ForEach(static client => client.OnPolicyChanged());
        }
    }
}
