using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>One compiled DNS rule: either pattern matches, and the type is listed when types are (semantics 1.9, 6.2). Immutable.</summary>
internal sealed record DnsMatchRule
{
    /// <summary>Patterns, OR-ed; empty matches no name.</summary>
    public IReadOnlyList<FqdnPattern> Patterns { get; init; } = [];

    /// <summary>Query type numbers; null = every type. Extension.</summary>
    public IReadOnlyList<ushort>? Types { get; init; }

    public bool MatchesEverything { get; init; }

    public required RuleOrigin Origin { get; init; }

    /// <summary>Canonical text; equal texts are duplicates.</summary>
    public required string Text { get; init; }

    public static DnsMatchRule MatchAll(RuleOrigin origin) => new() { Origin = origin, Text = "*", MatchesEverything = true };

    public bool Matches(ReadOnlySpan<char> name, ushort type)
    {
        if (Types is not null && !Types.Contains(type))
        {
            return false;
        }

        if (MatchesEverything)
        {
            return true;
        }

        for (var i = 0; i < Patterns.Count; i++)
        {
            if (Patterns[i].Matches(name))
            {
                return true;
            }
        }

        return false;
    }
}
