namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>
/// Pairs in the order in which they end. Prolonging a pair costs nothing: its place is corrected when its turn comes. Not thread-safe.
/// </summary>
internal sealed class FqdnExpiry(FqdnOptions options)
{
    /// <summary>Held addresses that are passed over in the search for a pair to forget; behind as many, one of them is forgotten.</summary>
    private const int MostPassedOver = 64;

    private readonly PriorityQueue<FqdnEntry, long> _queue = new();
    private readonly long _recheck = Math.Max(options.Grace.Ticks, TimeSpan.TicksPerSecond);

    /// <summary>Pairs that stand.</summary>
    public int Count { get; private set; }

    public void Add(FqdnEntry entry)
    {
        _queue.Enqueue(entry, entry.Expires);
        Count++;
    }

    /// <summary>Takes out the next pair whose time has passed and whose address no connection holds; null if there is none.</summary>
    public FqdnEntry? TakeDue(long now)
    {
        while (_queue.TryPeek(out var entry, out var due) && due <= now)
        {
            _queue.Dequeue();
            if (entry.IsForgotten)
            {
                continue;
            }

            var address = entry.Address;
            if (address.Holds > 0)
            {
                address.KeptUntil = now + _recheck;
            }
            else if (address.WasHeld)
            {
                address.WasHeld = false;
                address.KeptUntil = now + options.Grace.Ticks;
            }

            if (entry.Due <= now)
            {
                return entry;
            }

            _queue.Enqueue(entry, entry.Due);
        }

        return null;
    }

    /// <summary>Takes out the pair that ends soonest; one of a held address only if many of those end before every other.</summary>
    public FqdnEntry TakeSoonest()
    {
        var held = new List<FqdnEntry>();
        FqdnEntry? soonest = null;
        while (soonest is null && _queue.TryDequeue(out var entry, out var due))
        {
            if (entry.IsForgotten)
            {
                continue;
            }

            if (entry.Due > due)
            {
                _queue.Enqueue(entry, entry.Due);
            }
            else if (entry.Address.Holds > 0 && held.Count < MostPassedOver)
            {
                held.Add(entry);
            }
            else
            {
                soonest = entry;
            }
        }

        if (soonest is null)
        {
            soonest = held[0];
            held.RemoveAt(0);
        }

        _queue.EnqueueRange(held.Select(static entry => (entry, entry.Due)));
        return soonest;
    }

    /// <summary>The pair that ends soonest of some; held ones last.</summary>
    public static FqdnEntry SoonestOf(IEnumerable<FqdnEntry> entries) => entries.MinBy(static entry => (entry.Address.Holds > 0, entry.Due))!;

    /// <summary>Notes that a pair does not stand any more, wherever it is in the queue.</summary>
    public void Forget(FqdnEntry entry)
    {
        entry.IsForgotten = true;
        Count--;
        if (_queue.Count > (2 * Count) + 1_024)
        {
            // Pairs forgotten long before their time must not fill the queue.
            var standing = _queue.UnorderedItems.Where(static item => !item.Element.IsForgotten).ToList();
            _queue.Clear();
            _queue.EnqueueRange(standing);
        }
    }
}
