using PolicyProxy.Gate;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// Decides TLS handshakes by their server name (semantics 8.2, 8.3): an entry without names admits every handshake, an entry with
/// names only those it lists. Immutable, no allocation.
/// </summary>
internal sealed class ServerNameMatcher
{
    private readonly RuleOrigin? _everything;
    private readonly ServerNamePatternSet _patterns;
    private readonly RuleOrigin[] _origins;

    public ServerNameMatcher(IReadOnlyCollection<PolicyMapEntry> entries)
    {
        _everything = entries.FirstOrDefault(e => e.Policy.ServerNames.Count == 0)?.Policy.Origins[0];
        var rules = entries.SelectMany(e => e.Policy.ServerNames).ToArray();
        _patterns = new ServerNamePatternSet(rules.Select(r => r.Pattern));
        _origins = [.. rules.Select(r => r.Origin)];
    }

    /// <summary>True if a connection without a server name is admitted.</summary>
    public bool AllowsWithoutName => _everything is not null;

    public Verdict Match(ReadOnlySpan<char> name)
    {
        var first = _patterns.IndexOfFirst(name);
        return first >= 0 ? new Verdict(true, VerdictReason.AllowedByRule, _origins[first])
            : _everything is not null ? new Verdict(true, VerdictReason.AllowedByRule, _everything)
            : new Verdict(false, VerdictReason.NoRuleMatched);
    }
}
