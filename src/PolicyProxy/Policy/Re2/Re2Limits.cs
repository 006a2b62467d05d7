namespace PolicyProxy.Policy.Re2;

/// <summary>What one <see cref="Re2Set"/> may cost in memory. Matching stays linear in the input whatever the limits are.</summary>
internal sealed record Re2Limits
{
    /// <summary>The limits used when none are given.</summary>
    public static Re2Limits Default { get; } = new();

    /// <summary>Memory for cached automaton states, in bytes. Default 16 MiB per set: twice RE2's <c>max_mem</c> default of 8 MiB,
    /// because a set stands for many patterns. When it is full the cache starts over; when that happens too often, or the value
    /// is too small for a handful of states, inputs are matched without caching (slower, same answers). 0 turns caching off.</summary>
    public int MaxCacheBytes { get; init; } = 16 << 20;

    /// <summary>Largest program of one set, in instructions, counted before code is shared between patterns.
    /// Default 4,000,000 (about 50 MB): Go's limit for a single pattern is 3,355,443.</summary>
    public int MaxInstructions { get; init; } = 4_000_000;
}
