using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// Finds which of many patterns match one text: literals and prefixes in a tree, the rest in one automaton. Values are the
/// caller's rule numbers. Immutable, thread-safe, no allocation on lookup.
/// </summary>
internal sealed class PatternIndex
{
    private readonly LiteralTree _literals;
    private readonly Re2Set? _general;
    private readonly int[][] _generalValues;

    private PatternIndex(LiteralTree literals, Re2Set? general, int[][] generalValues)
    {
        _literals = literals;
        _general = general;
        _generalValues = generalValues;
    }

    public bool IsEmpty => _literals.IsEmpty && _general is null;

    public static PatternIndex Build(IEnumerable<(Re2Pattern Pattern, int Value)> entries)
    {
        var literals = new List<(string, bool, int)>();
        var general = new Dictionary<string, (Re2Pattern Pattern, List<int> Values)>(StringComparer.Ordinal);
        foreach (var (pattern, value) in entries)
        {
            if (pattern.Literal is { } literal)
            {
                literals.Add((literal, false, value));
            }
            else if (pattern.LiteralPrefix is { } prefix)
            {
                literals.Add((prefix, true, value));
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

        var ordered = general.Values.ToArray();
        return new PatternIndex(
            LiteralTree.Build(literals),
            ordered.Length == 0 ? null : Re2Set.Compile([.. ordered.Select(g => g.Pattern)]),
            [.. ordered.Select(g => g.Values.ToArray())]);
    }

    /// <summary>All groups of values whose pattern matches the text.</summary>
    public Matches Find(ReadOnlySpan<char> text) => new(this, text);

    /// <summary>Enumerates groups: prefixes, exact literal, then general patterns.</summary>
    internal ref struct Matches
    {
        private readonly PatternIndex _index;
        private readonly ReadOnlySpan<char> _text;
        private LiteralTree.Walk _walk;
        private ReadOnlySpan<int> _generalMatches;
        private bool _literalsDone;
        private int _next;

        public Matches(PatternIndex index, ReadOnlySpan<char> text)
        {
            _index = index;
            _text = text;
            _walk = index._literals.Find(text);
            Current = default;
        }

        public ReadOnlySpan<int> Current { get; private set; }

        public readonly Matches GetEnumerator() => this;

        public bool MoveNext()
        {
            if (!_literalsDone)
            {
                if (_walk.MoveNext())
                {
                    Current = _walk.Current;
                    return true;
                }

                _literalsDone = true;
                if (_index._general is { } general)
                {
                    _generalMatches = general.Match(_text);
                }
            }

            if (_next < _generalMatches.Length)
            {
                Current = _index._generalValues[_generalMatches[_next++]];
                return true;
            }

            return false;
        }
    }
}
