using PolicyProxy.Gate;

namespace PolicyProxy.Flows;

/// <summary>Lets the first so many denials of each reason through per second and counts the rest. Thread-safe.</summary>
internal sealed class DenialSampler(int perSecond, TimeProvider time)
{
    private readonly Lock _sync = new();
    private readonly Window[] _windows = new Window[Enum.GetValues<VerdictReason>().Length];

    /// <summary>True if this denial is to be logged. <paramref name="suppressed"/> counts those of earlier seconds that were not.</summary>
    public bool Take(VerdictReason reason, out long suppressed)
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        suppressed = 0;
        lock (_sync)
        {
            ref var window = ref _windows[Math.Min((int)reason, _windows.Length - 1)];
            if (window.Second != second)
            {
                suppressed = window.Suppressed;
                window = new Window { Second = second };
            }

            if (window.Logged < perSecond)
            {
                window.Logged++;
                return true;
            }

            window.Suppressed++;
            return false;
        }
    }

    /// <summary>Takes the counts that no later denial has reported.</summary>
    public IReadOnlyList<(VerdictReason Reason, long Count)> Drain()
    {
        var counts = new List<(VerdictReason, long)>();
        lock (_sync)
        {
            for (var i = 0; i < _windows.Length; i++)
            {
                if (_windows[i].Suppressed > 0)
                {
                    counts.Add(((VerdictReason)i, _windows[i].Suppressed));
                    _windows[i].Suppressed = 0;
                }
            }
        }

        return counts;
    }

    private struct Window
    {
        public long Second;
        public int Logged;
        public long Suppressed;
    }
}
