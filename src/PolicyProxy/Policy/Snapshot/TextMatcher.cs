using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>Matches one text against one pattern: by comparison for literals and prefixes, by an automaton otherwise. Thread-safe.</summary>
internal sealed class TextMatcher
{
    private readonly string? _literal;
    private readonly string? _prefix;
    private readonly Re2Pattern _pattern;

    // Made on first use: patterns that are only looked up through an index never need an automaton of their own.
    private Re2Set? _set;
    private bool _isTooLarge;

    public TextMatcher(Re2Pattern pattern)
    {
        Text = pattern.Text;
        _literal = pattern.Literal;
        _prefix = pattern.LiteralPrefix;
        _pattern = pattern;
    }

    public string Text { get; }

    public bool Matches(ReadOnlySpan<char> text)
    {
        if (_literal is not null)
        {
            return text.SequenceEqual(_literal);
        }

        if (_prefix is not null)
        {
            return text.StartsWith(_prefix) && !text[_prefix.Length..].Contains('\n');
        }

        if (_set is null && !_isTooLarge)
        {
            _isTooLarge = !Re2Set.TryCompile([_pattern], null, out _set, out _);
        }

        return _set is not null && _set.Match(text).Length > 0;
    }
}
