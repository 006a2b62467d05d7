namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// Everything that waits for the same length of time, in the order it started: starting, renewing and cancelling move a link, and only
/// the oldest has to be looked at. One thread.
/// </summary>
/// <param name="limit">How long.</param>
internal sealed class TimeoutQueue(TimeSpan limit)
{
    private readonly long _milliseconds = (long)Math.Min(limit.TotalMilliseconds, long.MaxValue / 2);
    private TimeoutEntry? _oldest;
    private TimeoutEntry? _newest;

    /// <summary>Starts or restarts the entry's time, taking it out of another queue if need be.</summary>
    public void Start(TimeoutEntry entry, long now)
    {
        if (entry.Queue == this && entry.StartedAt == now)
        {
            return;
        }

        entry.Cancel();
        entry.Queue = this;
        entry.StartedAt = now;
        entry.Older = _newest;
        if (_newest is null)
        {
            _oldest = entry;
        }
        else
        {
            _newest.Newer = entry;
        }

        _newest = entry;
    }

    /// <summary>Starts the entry's time unless it runs in this queue already.</summary>
    public void StartOnce(TimeoutEntry entry, long now)
    {
        if (entry.Queue != this)
        {
            Start(entry, now);
        }
    }

    /// <summary>Takes out one entry whose time has passed; null if there is none.</summary>
    public TimeoutEntry? TakeExpired(long now)
    {
        var entry = _oldest;
        if (entry is null || now - entry.StartedAt < _milliseconds)
        {
            return null;
        }

        entry.Cancel();
        return entry;
    }

    public void Remove(TimeoutEntry entry)
    {
        if (entry.Older is null)
        {
            _oldest = entry.Newer;
        }
        else
        {
            entry.Older.Newer = entry.Newer;
        }

        if (entry.Newer is null)
        {
            _newest = entry.Older;
        }
        else
        {
            entry.Newer.Older = entry.Older;
        }

        entry.Older = entry.Newer = null;
        entry.Queue = null;
    }
}

/// <summary>What has a time that may run out.</summary>
internal interface ITimed
{
    /// <summary>The time has passed.</summary>
    void OnTimeout();

    /// <summary>An exception came out of <see cref="OnTimeout"/>: our bug. Close what belongs to it.</summary>
    void OnFault();
}

/// <summary>Its owner's place in at most one <see cref="TimeoutQueue"/>.</summary>
internal sealed class TimeoutEntry(ITimed owner)
{
    public ITimed Owner => owner;

    public TimeoutQueue? Queue { get; set; }

    public TimeoutEntry? Older { get; set; }

    public TimeoutEntry? Newer { get; set; }

    /// <summary>When the time started, in milliseconds of the loop's clock.</summary>
    public long StartedAt { get; set; }

    /// <summary>No time runs any more.</summary>
    public void Cancel() => Queue?.Remove(this);
}
