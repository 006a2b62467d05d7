using System.Collections.Frozen;

namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>DNS selectors of the policies that one name, or the names of one address, satisfy. Immutable.</summary>
/// <param name="Positions">Positions of the selectors in the scope, ascending.</param>
/// <param name="Key">The same as text; equal keys mean equal sets in one scope.</param>
internal sealed record FqdnSelectorSet(int[] Positions, string Key)
{
    public static FqdnSelectorSet Empty { get; } = Of([]);

    public static FqdnSelectorSet Of(int[] positions) => new(positions, string.Join(',', positions));

    /// <summary>All selectors of all sets.</summary>
    public static FqdnSelectorSet Union(IReadOnlyList<(FqdnSelectorSet Set, int Count)> sets)
    {
        if (sets.Count == 1)
        {
            return sets[0].Set;
        }

        var positions = new SortedSet<int>();
        foreach (var (set, _) in sets)
        {
            positions.UnionWith(set.Positions);
        }

        foreach (var (set, _) in sets)
        {
            if (set.Positions.Length == positions.Count)
            {
                return set;
            }
        }

        return Of([.. positions]);
    }
}

/// <summary>
/// The DNS selectors of a scope, asked which of them a name satisfies: plain names by table, patterns one by one. Not thread-safe; sets are
/// shared, so names that satisfy the same selectors have the same object.
/// </summary>
internal sealed class FqdnSelectorIndex
{
    private readonly FqdnSelector[] _all;
    private readonly FrozenDictionary<string, int[]> _exact;
    private readonly int[] _others;
    private readonly Dictionary<string, FqdnSelectorSet> _sets = new(StringComparer.Ordinal);

    public FqdnSelectorIndex(IEnumerable<FqdnSelector> selectors)
    {
        _all = [.. selectors];
        _exact = Enumerable.Range(0, _all.Length)
            .Where(i => _all[i].ExactName is not null)
            .GroupBy(i => _all[i].ExactName!, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        _others = [.. Enumerable.Range(0, _all.Length).Where(i => _all[i].ExactName is null)];
    }

    /// <summary>The selectors a name satisfies.</summary>
    /// <param name="name">Lower case, without a final dot.</param>
    public FqdnSelectorSet Of(string name)
    {
        var matched = new List<int>(_exact.GetValueOrDefault(name, []));
        matched.AddRange(_others.Where(i => _all[i].Matches(name)));
        if (matched.Count == 0)
        {
            return FqdnSelectorSet.Empty;
        }

        matched.Sort();
        var set = FqdnSelectorSet.Of([.. matched]);
        if (_sets.TryGetValue(set.Key, out var known))
        {
            return known;
        }

        return _sets[set.Key] = set;
    }

    /// <summary>The selectors of a set.</summary>
    public FqdnSelector[] Selectors(FqdnSelectorSet set) => Array.ConvertAll(set.Positions, i => _all[i]);
}
