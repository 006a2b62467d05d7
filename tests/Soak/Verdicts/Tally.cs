using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace PolicyProxy.Soak.Verdicts;

/// <summary>What happened, counted by name, and the first failures in words. Thread-safe.</summary>
internal sealed class Tally
{
    private const int KeptFailures = 100;

    private readonly ConcurrentDictionary<string, StrongBox<long>> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StrongBox<long>> _failed = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _failures = new();

    /// <summary>Everything counted, by name.</summary>
    public IReadOnlyDictionary<string, long> Counts => Values(_counts);

    /// <summary>What must not happen, by kind.</summary>
    public IReadOnlyDictionary<string, long> FailuresByKind => Values(_failed);

    /// <summary>The first failures, with what is known of them.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    public long this[string name] => _counts.TryGetValue(name, out var count) ? Volatile.Read(ref count.Value) : 0;

    public void Count(string name) => Interlocked.Increment(ref _counts.GetOrAdd(name, static _ => new StrongBox<long>()).Value);

    public void Fail(string kind, string details)
    {
        Interlocked.Increment(ref _failed.GetOrAdd(kind, static _ => new StrongBox<long>()).Value);
        if (_failures.Count < KeptFailures)
        {
            _failures.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {kind}: {details}");
        }
    }

    private static SortedDictionary<string, long> Values(ConcurrentDictionary<string, StrongBox<long>> counts) =>
        new(counts.ToDictionary(static pair => pair.Key, static pair => Volatile.Read(ref pair.Value.Value)), StringComparer.Ordinal);
}
