namespace PolicyProxy.Policy.Identities;

/// <summary>An immutable set of labels, ordered by key and then source. Equal sets have equal <see cref="Text"/>.</summary>
public sealed class LabelSet : IEquatable<LabelSet>
{
    private readonly Label[] _labels;

    /// <summary>Creates the set; of two labels with the same source and key the last one counts.</summary>
    public LabelSet(IEnumerable<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var byKey = new SortedDictionary<(string Key, string Source), Label>(KeyOrder.Instance);
        foreach (var label in labels)
        {
            byKey[(label.Key, label.Source)] = label;
        }

        _labels = [.. byKey.Values];
        Text = string.Join(';', _labels);
    }

    /// <summary>The empty set.</summary>
    public static LabelSet Empty { get; } = new([]);

    /// <summary>Canonical text: all labels joined with ";".</summary>
    public string Text { get; }

    /// <summary>The labels in order.</summary>
    public IReadOnlyList<Label> Labels => _labels;

    internal ReadOnlySpan<Label> Span => _labels;

    /// <summary>Parses <c>k=v,source:k=v,…</c>, the form of the command line's label options.</summary>
    public static LabelSet Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new LabelSet(text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Label.Parse));
    }

    /// <summary>True if a label with this source and key is present.</summary>
    public bool Contains(string source, string key)
    {
        foreach (ref readonly var label in Span)
        {
            if (label.Key == key && label.Source == source)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Value of the label with this source and key; null when there is none.</summary>
    public string? Find(string source, string key)
    {
        foreach (ref readonly var label in Span)
        {
            if (label.Key == key && label.Source == source)
            {
                return label.Value;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public bool Equals(LabelSet? other) => other is not null && other.Text == Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private sealed class KeyOrder : IComparer<(string Key, string Source)>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare((string Key, string Source) x, (string Key, string Source) y)
        {
            var byKey = string.CompareOrdinal(x.Key, y.Key);
            return byKey != 0 ? byKey : string.CompareOrdinal(x.Source, y.Source);
        }
    }
}
