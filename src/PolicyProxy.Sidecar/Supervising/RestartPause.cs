namespace PolicyProxy.Sidecar.Supervising;

/// <summary>How long to wait before a worker is started again: not at all, unless the one before ended soon after its start. Not thread-safe.</summary>
internal sealed class RestartPause
{
    /// <summary>A worker that has lived so long has started well: 10 seconds.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause: 10 seconds, so that a policy that was repaired is soon in force.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    private TimeSpan _next = TimeSpan.Zero;

    /// <summary>The pause after a worker that lived for so long.</summary>
    public TimeSpan After(TimeSpan lived)
    {
        var pause = lived >= s_settled ? TimeSpan.Zero : _next;
        _next = pause == TimeSpan.Zero ? s_first : pause * 2 < s_longest ? pause * 2 : s_longest;
        return pause;
    }
}
