using System.Collections.Frozen;
using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// Finds which of many patterns match one text: literals in a table, prefixes in a tree, the rest in one automaton. Values are the
/// caller's rule numbers. Immutable, thread-safe, no allocation on lookup.
/// </summary>
internal sealed class PatternIndex
{
    private readonly FrozenDictionary<string, int[]> _exact;
    private readonly FrozenDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _exactBySpan;
    private readonly LiteralTree _prefixes;
    private readonly Automaton[] _general;

    private PatternIndex(FrozenDictionary<string, int[]> exact, LiteralTree prefixes, Automaton[] general)
    {
        _exact = exact;
        _exactBySpan = exact.GetAlternateLookup<ReadOnlySpan<char>>();
        _prefixes = prefixes;
        _general = general;
    }

    public bool IsEmpty => _exact.Count == 0 && _prefixes.IsEmpty && _general.Length == 0;

    public static PatternIndex Build(IEnumerable<(Re2Pattern Pattern, int Value)> entries)
    {
        var exact = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var prefixes = new List<(string, bool, int)>();
        var general = new Dictionary<string, (Re2Pattern Pattern, List<int> Values)>(StringComparer.Ordinal);
        foreach (var (pattern, value) in entries)
        {
            if (pattern.Literal is { } literal)
            {
                if (!exact.TryGetValue(literal, out var values))
                {
                    exact[literal] = values = [];
                }

                values.Add(value);
            }
            else if (pattern.LiteralPrefix is { } prefix)
            {
                prefixes.Add((prefix, true, value));
            }
            else if (general.TryGetValue(pattern.Text, out var known))
            {
                known.Values.Add(value);
            }
            else
            {
                general[pattern.Text] = (pattern, [value]);
            }
        }

        var automata = new List<Automaton>();
        Compile([.. general.Values], automata);
        return new PatternIndex(
            exact.ToFrozenDictionary(e => e.Key, e => e.Value.ToArray(), StringComparer.Ordinal), LiteralTree.Build(prefixes), [.. automata]);
    }

    /// <summary>All groups of values whose pattern matches the text.</summary>
    public Matches Find(ReadOnlySpan<char> text) => new(this, text);

    // Patterns too many or too large for one automaton are shared out to several; one that alone is too large matches nothing.
    private static void Compile(ReadOnlySpan<(Re2Pattern Pattern, List<int> Values)> patterns, List<Automaton> automata)
    {
        if (patterns.IsEmpty)
        {
            return;
        }

        var members = patterns.ToArray();
        if (Re2Set.TryCompile([.. members.Select(m => m.Pattern)], null, out var set, out _))
        {
            automata.Add(new Automaton(set, [.. members.Select(m => m.Values.ToArray())]));
        }
        else if (patterns.Length > 1)
        {
            Compile(patterns[..(patterns.Length / 2)], automata);
            Compile(patterns[(patterns.Length / 2)..], automata);
        }
    }

    private sealed record Automaton(Re2Set Set, int[][] Values);

    /// <summary>Enumerates groups: the exact literal, prefixes from short to long, then general patterns.</summary>
    internal ref struct Matches
    {
        private readonly PatternIndex _index;
        private readonly ReadOnlySpan<char> _text;
        private LiteralTree.Walk _walk;
        private ReadOnlySpan<int> _generalMatches;
        private bool _exactDone;
        private bool _prefixesDone;
        private int _automaton;
        private int _next;

        public Matches(PatternIndex index, ReadOnlySpan<char> text)
        {
            _index = index;
            _text = text;
            _walk = index._prefixes.Find(text);
            Current = default;
        }

        public ReadOnlySpan<int> Current { get; private set; }

        public readonly Matches GetEnumerator() => this;

        public bool MoveNext()
        {
            if (!_exactDone)
            {
                _exactDone = true;
                if (_index._exact.Count > 0 && _index._exactBySpan.TryGetValue(_text, out var values))
                {
                    Current = values;
                    return true;
                }
            }

            if (!_prefixesDone)
            {
                if (_walk.MoveNext())
                {
                    Current = _walk.Current;
                    return true;
                }

                _prefixesDone = true;
                _automaton = -1;
            }

            while (_next >= _generalMatches.Length)
            {
                if (++_automaton >= _index._general.Length)
                {
                    return false;
                }

                _generalMatches = _index._general[_automaton].Set.Match(_text);
                _next = 0;
            }

            Current = _index._general[_automaton].Values[_generalMatches[_next++]];
            return true;
        }
    }
}
