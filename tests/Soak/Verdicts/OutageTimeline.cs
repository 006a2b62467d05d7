using System.Diagnostics;

namespace PolicyProxy.Soak.Verdicts;

/// <summary>When connections to an origin were broken, or could not be made. Thread-safe for readers; one writer.</summary>
internal sealed class OutageTimeline
{
    /// <summary>An outage counts this much longer: the sidecar may send into a connection before it sees that it is gone.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private const int Kept = 64;

    private volatile (long From, long Until)[] _outages = [];

    public void Begin() => _outages = [.. _outages.TakeLast(Kept), (Stopwatch.GetTimestamp(), long.MaxValue)];

    public void End()
    {
        var now = Stopwatch.GetTimestamp() + (long)(s_grace.TotalSeconds * Stopwatch.Frequency);
        _outages = [.. _outages.Select(outage => outage with { Until = Math.Min(outage.Until, now) })];
    }

    /// <summary>True if an outage fell into the time since then.</summary>
    public bool Touches(long timestamp) => _outages.Any(outage => outage.Until >= timestamp);
}
