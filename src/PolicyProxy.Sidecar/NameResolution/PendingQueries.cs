using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>The queries by datagram that wait, each with a time of its own; those given back are used again. One thread.</summary>
/// <param name="capacity">Most at a time.</param>
/// <param name="timeouts">How long they wait.</param>
internal sealed class PendingQueries(int capacity, TimeoutQueue timeouts)
{
    private PendingQuery? _free;

    public int Count { get; private set; }

    /// <summary>One to fill in, whose time begins; null when there are too many.</summary>
    public PendingQuery? Take(long now)
    {
        if (Count == capacity)
        {
            return null;
        }

        var query = _free ?? new PendingQuery();
        _free = query.NextFree;
        query.NextFree = null;
        timeouts.Start(query.Timeout, now);
        Count++;
        return query;
    }

    /// <summary>Gives one back.</summary>
    public void Return(PendingQuery query)
    {
        query.Timeout.Cancel();
        query.Permit = default;
        query.NextFree = _free;
        _free = query;
        Count--;
    }
}
