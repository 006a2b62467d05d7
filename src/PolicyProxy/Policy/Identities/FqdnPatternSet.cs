namespace PolicyProxy.Policy.Identities;

/// <summary>FQDN patterns asked together. Immutable; allocates nothing per question.</summary>
internal sealed class FqdnPatternSet
{
    private readonly LabelPatternIndex _index;

    /// <summary>Builds the set; order matters only for <see cref="IndexOfFirst"/>.</summary>
    /// <param name="patterns">Any number; the empty set covers nothing.</param>
    public FqdnPatternSet(IEnumerable<FqdnPattern> patterns) => _index = new LabelPatternIndex(patterns.Select(pattern => pattern.Labels));

    /// <summary>True if some pattern covers the name.</summary>
    /// <param name="name">Presentation form, with or without a final dot; the root is <c>.</c> or empty.</param>
    public bool MatchesAny(ReadOnlySpan<char> name) => IndexOfFirst(name) >= 0;

    /// <summary>0-based position of the first pattern that covers the name; -1 if none does.</summary>
    /// <param name="name">As for <see cref="MatchesAny"/>.</param>
    public int IndexOfFirst(ReadOnlySpan<char> name) => _index.IndexOfFirst(FqdnPattern.WithoutFinalDot(name));
}
