using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.Features;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>
/// Streams that go on long after they were judged: gRPC calls and WebSockets. When policies or identities change, those that would not be let in any more
/// are reset, as the relay cuts its tunnels. Thread-safe.
/// </summary>
internal sealed class LiveStreams : IDisposable
{
    private readonly HttpDoor _door;
    private readonly PolicyEngine _engine;
    private readonly ConcurrentDictionary<LiveStream, byte> _streams = new();
    private int _isQueued;

    public LiveStreams(HttpDoor door, PolicyEngine engine)
    {
        _door = door;
        _engine = engine;
        engine.Compiled += OnChanged;
        engine.Identities.Changed += OnChanged;
    }

    /// <summary>Streams that are watched now.</summary>
    public int Count => _streams.Count;

    /// <summary>Watches the stream of a request until the result is disposed; null for a request that ends by itself.</summary>
    public IDisposable? Watch(HttpContext context)
    {
        var isTunnel = context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };
        if (!isTunnel && !LocalReply.IsGrpc(context.Request.ContentType))
        {
            return null;
        }

        var stream = new LiveStream(this, context, _door.PermitOf(context), isTunnel);
        _streams.TryAdd(stream, 0);
        if (_door.Gate.IsOutdated(stream.Permit))
        {
            OnChanged(null, EventArgs.Empty); // the change came between the verdict and now
        }

        return stream;
    }

    public void Dispose()
    {
        _engine.Compiled -= OnChanged;
        _engine.Identities.Changed -= OnChanged;
    }

    // Not in the thread that publishes: names are learned while a DNS client waits.
    private void OnChanged<TArgs>(object? sender, TArgs e)
    {
        if (!_streams.IsEmpty && Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static streams => streams.Recheck(), this, preferLocal: false);
        }
    }

    private void Recheck()
    {
        Interlocked.Exchange(ref _isQueued, 0); // a full fence: what is read below must not be older than this, or a change between the two would be lost
        foreach (var (stream, _) in _streams)
        {
            stream.Recheck();
        }
    }

    private sealed class LiveStream(LiveStreams owner, HttpContext context, ConnectionPermit permit, bool isTunnel) : IDisposable
    {
        // RFC 9113 §7. gRPC tells its callers of the first as PERMISSION_DENIED.
        private const int InadequateSecurity = 0xc;
        private const int ConnectError = 0xa;

        private readonly Lock _lock = new(); // Kestrel uses the context again once the request is over
        private ConnectionPermit _permit = permit;
        private bool _isOver;

        public ConnectionPermit Permit => _permit;

        public void Recheck()
        {
            lock (_lock)
            {
                if (!_isOver && owner._door.Gate.IsOutdated(_permit) && !owner._door.IsStillAllowed(ref _permit, new HttpContextRequest(context)))
                {
                    _isOver = true;
                    context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(isTunnel ? ConnectError : InadequateSecurity);
                }
            }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _isOver = true;
            }

            owner._streams.TryRemove(this, out _);
        }
    }
}
