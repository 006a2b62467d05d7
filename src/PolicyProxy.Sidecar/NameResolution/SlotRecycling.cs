using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>
/// Keeps a quarter of the slots free for resolvers nobody has asked yet: takes slots back from those that have not been asked for the longest time. One thread.
/// <code>
/// in use ── not asked for SlotIdle, few are free ──► withdrawn ── not asked for SlotIdle, a moment later ──► free
/// </code>
/// A withdrawn slot still stands for its resolver: a query that was on its way when it was withdrawn is judged and answered as any other. No query waits at a slot
/// that becomes free, because none waits so long.
/// </summary>
internal sealed class SlotRecycling(IReadOnlyList<DatagramSlot> slots, IRedirectedDatagrams datagrams, DnsProxyOptions options)
{
    /// <summary>Longer than a datagram is on its way on loopback, however busy the machine: a second.</summary>
    private const long SettlingMilliseconds = 1_000;

    /// <summary>Looks that are so far apart have a time between them in which nothing was read: 5 seconds.</summary>
    private const long StallMilliseconds = 5_000;

    private readonly int _reserve = Math.Max(slots.Count / 4, 1);

    // A slot may not be given away while an answer for it may come.
    private readonly long _idle = (long)Math.Max(options.SlotIdle.TotalMilliseconds, 2 * options.QueryTimeout.TotalMilliseconds);
    private long? _lookedAt;

    /// <summary>Looks after the slots; call once a second.</summary>
    public void Look(long now)
    {
        var isAwake = now - _lookedAt < StallMilliseconds;
        _lookedAt = datagrams.MayRecycle ? now : null;
        if (!isAwake || _lookedAt is null)
        {
            Spare(now);
            return;
        }

        var inUse = new List<DatagramSlot>();
        foreach (var slot in slots)
        {
            if (slot.WithdrawnAt is { } since)
            {
                if (now - since >= SettlingMilliseconds && now - slot.AskedAt >= _idle && datagrams.Free(slot.Number))
                {
                    slot.Forget();
                }
            }
            else if (datagrams.PeerOf(slot.Number) is not null)
            {
                inUse.Add(slot);
            }
        }

        var excess = inUse.Count - (slots.Count - _reserve);
        foreach (var slot in inUse.Where(slot => now - slot.AskedAt >= _idle).OrderBy(static slot => slot.AskedAt).Take(Math.Max(excess, 0)))
        {
            datagrams.Withdraw(slot.Number, datagrams.PeerOf(slot.Number)!);
            slot.WithdrawnAt = now;
        }
    }

    // Nobody knows what was asked meanwhile, or before: every slot counts as asked now.
    private void Spare(long now)
    {
        foreach (var slot in slots)
        {
            slot.AskedAt = now;
        }
    }
}
