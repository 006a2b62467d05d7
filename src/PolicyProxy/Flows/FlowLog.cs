using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace PolicyProxy.Flows;

/// <summary>
/// The last flows, in a ring that writers never wait for. Writers overwrite the oldest; a reader that is too slow is told how many it lost.
/// Thread-safe for any number of writers and readers; each reader owns its cursor. Cost of an append: one object of 32 bytes, two interlocked operations.
/// </summary>
public sealed class FlowLog : IInlineFlowObserver
{
    /// <summary>Flows held by default: 4,096, Hubble's ring of 4,095 rounded up to a power of two.</summary>
    public const int DefaultCapacity = 4096;

    /// <summary>Most flows a log may hold, 1,048,576; with its fields a flow takes about a kilobyte.</summary>
    public const int MaxCapacity = 1 << 20;

    private readonly Entry?[] _slots;
    private long _next;
    private long _lost;
    private TaskCompletionSource? _signal;

    /// <summary>Creates an empty log for at least <paramref name="capacity"/> flows (rounded up to a power of two, 1 to <see cref="MaxCapacity"/>).</summary>
    public FlowLog(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        _slots = new Entry?[BitOperations.RoundUpToPowerOf2((uint)capacity)];
    }

    /// <summary>Flows the log can hold.</summary>
    public int Capacity => _slots.Length;

    /// <summary>Flows appended since the log was made.</summary>
    public long SeenFlows => Volatile.Read(ref _next);

    /// <summary>Flows that readers came too late for, summed over all readers.</summary>
    public long LostFlows => Volatile.Read(ref _lost);

    /// <summary>The oldest flow still held.</summary>
    public FlowCursor Start => Last(Capacity);

    /// <summary>Behind the newest flow: reading from here yields only flows appended later.</summary>
    public FlowCursor End => new(SeenFlows);

    /// <summary>The place from which at most the newest <paramref name="count"/> flows are read.</summary>
    public FlowCursor Last(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new FlowCursor(Math.Max(0, SeenFlows - Math.Min(count, Capacity)));
    }

    /// <summary>Appends a flow; never blocks.</summary>
    public void Append(FlowRecord flow)
    {
        // 1. Allocate before claiming a number: nothing may fail between the claim and the store, or readers would wait for it for ever.
        var entry = new Entry(flow);
        var sequence = Interlocked.Increment(ref _next) - 1;
        entry.Sequence = sequence;

        // 2. Store, unless a writer that is a whole round ahead was faster; then this flow counts as overwritten.
        Store(ref _slots[Index(sequence)], entry);

        // 3. Wake followers. The exchange in the store is a full fence, so a follower that registered before it is seen here.
        if (Volatile.Read(ref _signal) is not null)
        {
            Interlocked.Exchange(ref _signal, null)?.TrySetResult();
        }
    }

    void IFlowObserver.OnFlow(FlowRecord flow) => Append(flow);

    /// <summary>
    /// Reads the flow at the cursor and moves the cursor behind it; false when there is none yet.
    /// <paramref name="lost"/> counts flows skipped because they were overwritten, also when the result is false.
    /// </summary>
    public bool TryRead(ref FlowCursor cursor, [NotNullWhen(true)] out FlowRecord? flow, out long lost)
    {
        flow = null;
        lost = 0;
        var position = cursor.Position;
        while (true)
        {
            var head = SeenFlows;
            if (position >= head)
            {
                break;
            }

            var oldest = head - Capacity;
            if (position < oldest)
            {
                lost += oldest - position;
                position = oldest;
            }

            var entry = Volatile.Read(ref _slots[Index(position)]);
            if (entry is null || entry.Sequence < position)
            {
                break; // claimed by a writer that has not stored it yet; that writer will signal
            }

            if (entry.Sequence == position)
            {
                flow = entry.Flow;
                position++;
                break;
            }

            // Overwritten since the head was read: the next round sees a head at least one round further.
        }

        cursor = new FlowCursor(position);
        if (lost > 0)
        {
            Interlocked.Add(ref _lost, lost);
        }

        return flow is not null;
    }

    /// <summary>Reads up to <paramref name="max"/> flows that are there already and returns the place behind the last one.</summary>
    /// <param name="from">Where to begin.</param>
    /// <param name="max">Most flows to read.</param>
    /// <param name="into">Receives the flows, oldest first.</param>
    /// <param name="lost">Flows skipped because they were overwritten.</param>
    public FlowCursor Read(FlowCursor from, int max, ICollection<FlowRecord> into, out long lost)
    {
        ArgumentNullException.ThrowIfNull(into);
        var cursor = from;
        lost = 0;
        for (var i = 0; i < max; i++)
        {
            var found = TryRead(ref cursor, out var flow, out var missed);
            lost += missed;
            if (!found)
            {
                break;
            }

            into.Add(flow!);
        }

        return cursor;
    }

    /// <summary>All flows from the cursor on, then every new one as it comes, without gap or repetition; ends only by cancellation.</summary>
    public async IAsyncEnumerable<FlowReading> FollowAsync(FlowCursor from, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var cursor = from;
        var lost = 0L;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = TryRead(ref cursor, out var flow, out var missed);
            lost += missed;
            if (found)
            {
                yield return new FlowReading(flow!, lost);
                lost = 0;
                continue;
            }

            await WaitAsync(cursor, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Completes when <see cref="TryRead"/> at the cursor may find something. May complete early; read again.</summary>
    internal Task WaitAsync(FlowCursor cursor, CancellationToken cancellationToken)
    {
        var signal = Volatile.Read(ref _signal);
        if (signal is null)
        {
            // Continuations never run on the writer's thread.
            var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            signal = Interlocked.CompareExchange(ref _signal, created, null) ?? created;
        }

        // A flow stored before the registration is found by the check; one stored after it signals.
        Interlocked.MemoryBarrier();
        var entry = Volatile.Read(ref _slots[Index(cursor.Position)]);
        return entry is not null && entry.Sequence >= cursor.Position ? Task.CompletedTask : signal.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Puts the entry into the slot unless a newer one is there.</summary>
    internal static void Store(ref Entry? slot, Entry entry)
    {
        var current = Volatile.Read(ref slot);
        while (current is null || current.Sequence < entry.Sequence)
        {
            var seen = Interlocked.CompareExchange(ref slot, entry, current);
            if (ReferenceEquals(seen, current))
            {
                return;
            }

            current = seen;
        }
    }

    private int Index(long sequence) => (int)(sequence & (_slots.Length - 1));

    /// <summary>A stored flow with its number; the number tells a reader whether the slot still holds what it came for.</summary>
    internal sealed class Entry(FlowRecord flow)
    {
        public readonly FlowRecord Flow = flow;
        public long Sequence;
    }
}
