using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// Decides DNS queries against all entries of one port key (semantics 6.2, 6.3): an entry without DNS rules admits every name.
/// Plain names and patterns are asked together; rules with query types one by one. Immutable, no allocation.
/// </summary>
internal sealed class DnsMatcher
{
    private readonly RuleOrigin? _everything;
    private readonly FqdnPatternSet _patterns;
    private readonly RuleOrigin[] _origins;
    private readonly DnsMatchRule[] _typed;

    public DnsMatcher(IReadOnlyCollection<PolicyMapEntry> entries)
    {
        var rules = entries.SelectMany(e => e.Policy.Dns).ToArray();
        _everything = entries.FirstOrDefault(e => e.Policy.Dns.Count == 0)?.Policy.Origins[0]
            ?? Array.Find(rules, r => r is { MatchesEverything: true, Types: null })?.Origin;
        var plain = rules.Where(r => r.Types is null).SelectMany(r => r.Patterns.Select(p => (Pattern: p, r.Origin))).ToArray();
        _patterns = new FqdnPatternSet(plain.Select(p => p.Pattern));
        _origins = [.. plain.Select(p => p.Origin)];
        _typed = Array.FindAll(rules, r => r.Types is not null);
    }

    public Verdict Match(ReadOnlySpan<char> name, ushort type)
    {
        var first = _patterns.IndexOfFirst(name);
        if (first >= 0)
        {
            return new Verdict(true, VerdictReason.AllowedByRule, _origins[first]);
        }

        foreach (var rule in _typed)
        {
            if (rule.Matches(name, type))
            {
                return new Verdict(true, VerdictReason.AllowedByRule, rule.Origin);
            }
        }

        return _everything is null ? new Verdict(false, VerdictReason.NoRuleMatched) : new Verdict(true, VerdictReason.AllowedByRule, _everything);
    }
}
