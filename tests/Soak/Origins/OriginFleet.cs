using System.Net;
using PolicyProxy.Soak.Verdicts;

namespace PolicyProxy.Soak.Origins;

/// <summary>The instances of the server behind the sidecar, all at one address. Not thread-safe.</summary>
internal sealed class OriginFleet : IAsyncDisposable
{
    private readonly Referee _referee;
    private readonly Origin?[] _origins;

    public OriginFleet(Referee referee, int count)
    {
        _referee = referee;
        _origins = new Origin?[count];
        Address = new IPEndPoint(IPAddress.Loopback, 0);
        for (var i = 0; i < count; i++)
        {
            Start(i);
        }
    }

    public IPEndPoint Address { get; private set; }

    public int Count => _origins.Length;

    public void Start(int index)
    {
        var origin = new Origin(_referee);
        Address = origin.Start(Address);
        _origins[index] = origin;
    }

    /// <summary>See <see cref="Origin.KillAsync"/>.</summary>
    public async Task KillAsync(int index, bool reset)
    {
        if (Interlocked.Exchange(ref _origins[index], null) is { } origin)
        {
            await origin.KillAsync(reset);
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < Count; i++)
        {
            await KillAsync(i, reset: false);
        }
    }
}
