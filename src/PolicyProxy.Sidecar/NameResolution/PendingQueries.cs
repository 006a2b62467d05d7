namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>The queries that wait, in the order they were sent, which is the order in which their time runs out. One thread.</summary>
/// <param name="capacity">Most at a time.</param>
internal sealed class PendingQueries(int capacity)
{
    private PendingQuery? _free;
    private PendingQuery? _oldest;
    private PendingQuery? _newest;

    public int Count { get; private set; }

    /// <summary>One to fill in, last in the order; null when there are too many.</summary>
    public PendingQuery? Take(long now)
    {
        if (Count == capacity)
        {
            return null;
        }

        var query = _free ?? new PendingQuery();
        _free = query.Newer;
        query.Newer = null;
        query.Older = _newest;
        query.SentAt = now;
        if (_newest is null)
        {
            _oldest = query;
        }
        else
        {
            _newest.Newer = query;
        }

        _newest = query;
        Count++;
        return query;
    }

    /// <summary>Gives one back.</summary>
    public void Return(PendingQuery query)
    {
        if (query.Older is null)
        {
            _oldest = query.Newer;
        }
        else
        {
            query.Older.Newer = query.Newer;
        }

        if (query.Newer is null)
        {
            _newest = query.Older;
        }
        else
        {
            query.Newer.Older = query.Older;
        }

        query.Older = null;
        query.Permit = default;
        query.Newer = _free;
        _free = query;
        Count--;
    }

    /// <summary>The oldest, if it was sent at or before this moment; it stays.</summary>
    public PendingQuery? Expired(long sentAt) => _oldest is { } query && query.SentAt <= sentAt ? query : null;
}
