using System.Collections.Concurrent;
using System.Net;
using PolicyProxy.Flows;
using PolicyProxy.Sidecar.Launching.Confining;

namespace PolicyProxy.Sidecar.Launching.Summary;

/// <summary>
/// Counts what a command was allowed and denied. A connection whose requests are judged is not counted itself, its requests are. Inline, because a
/// queue loses flows and a count must not; thread-safe. Memory is bounded: <see cref="MaxDistinct"/> different denials are told apart.
/// </summary>
internal sealed class RunSummary : IInlineFlowObserver
{
    /// <summary>Denials kept apart: 1,000; those beyond are only counted.</summary>
    public const int MaxDistinct = 1_000;

    private readonly ConcurrentDictionary<string, Entry> _denials = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _probes;
    private int _distinct;
    private long _allowed;
    private long _denied;
    private long _audited;
    private long _others;

    /// <summary>Starts at zero.</summary>
    /// <param name="probes">Destinations that are tried once before the command starts; that denial is not the command's.</param>
    public RunSummary(IEnumerable<ProbeTarget> probes) =>
        _probes = new(probes.Select(p => KeyValuePair.Create(p.ToString(), true)), StringComparer.Ordinal);

    public long Allowed => Volatile.Read(ref _allowed);

    public long Denied => Volatile.Read(ref _denied);

    /// <summary>What audit let through and enforcement would have denied.</summary>
    public long Audited => Volatile.Read(ref _audited);

    /// <summary>Denials that were not told apart any more.</summary>
    public long Others => Volatile.Read(ref _others);

    public void OnFlow(FlowRecord flow)
    {
        if (flow.IsReply)
        {
            return;
        }

        switch (flow.Verdict)
        {
            case FlowVerdict.Forwarded:
                Interlocked.Increment(ref _allowed);
                break;
            case FlowVerdict.Audit:
                Interlocked.Increment(ref _audited);
                Keep(flow);
                break;
            case FlowVerdict.Dropped or FlowVerdict.Error when !IsProbe(flow):
                Interlocked.Increment(ref _denied);
                Keep(flow);
                break;
        }
    }

    /// <summary>Counts what was allowed without a flow.</summary>
    public void AddAllowed(long count) => Interlocked.Add(ref _allowed, count);

    /// <summary>The most frequent denials, the most frequent first; of equals the one that came first.</summary>
    public IReadOnlyList<(DeniedTraffic Traffic, long Count)> Top(int count) =>
    [
        .. _denials.Values.OrderByDescending(e => e.Count).ThenBy(e => e.Order).Take(count).Select(e => (DeniedTraffic.From(e.First), e.Count)),
    ];

    private bool IsProbe(FlowRecord flow) =>
        !_probes.IsEmpty
        && flow is { Type: FlowType.L3L4, Destination.Address: { } address }
        && _probes.TryRemove(new ProbeTarget(flow.Protocol, Plain(address)).ToString(), out _);

    private static IPEndPoint Plain(IPEndPoint address) =>
        address.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(address.Address.MapToIPv4(), address.Port) : address;

    private void Keep(FlowRecord flow)
    {
        var key = DeniedTraffic.KeyOf(flow);
        if (!_denials.TryGetValue(key, out var entry))
        {
            var order = Interlocked.Increment(ref _distinct);
            if (order > MaxDistinct)
            {
                Interlocked.Increment(ref _others);
                return;
            }

            entry = _denials.GetOrAdd(key, new Entry(flow, order));
        }

        entry.Increment();
    }

    private sealed class Entry(FlowRecord first, int order)
    {
        private long _count;

        public FlowRecord First { get; } = first;

        public int Order { get; } = order;

        public long Count => Volatile.Read(ref _count);

        public void Increment() => Interlocked.Increment(ref _count);
    }
}
