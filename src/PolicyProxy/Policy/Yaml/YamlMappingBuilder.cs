using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Collects the entries of one mapping: keys as JSON texts, no key twice, merge keys below explicit ones.</summary>
internal sealed class YamlMappingBuilder(Action<PolicyDiagnostic> report)
{
    private readonly List<YamlEntry> _entries = [];
    private readonly Dictionary<string, SourceSpan> _places = new(StringComparer.Ordinal);
    private readonly List<YamlEntry> _merged = [];

    public void Add(YamlValue key, YamlValue value)
    {
        if (key.Kind is YamlValueKind.Null or YamlValueKind.List or YamlValueKind.Map)
        {
            report(YamlProblems.KeyNotScalar(key));
            return;
        }

        var name = key.JsonText;
        if (!_places.TryAdd(name, key.Span))
        {
            report(YamlProblems.DuplicateKey(key.Span, name, _places[name]));
            return;
        }

        _entries.Add(new YamlEntry(name, key.Span, value));
    }

    /// <summary>A YAML 1.1 merge key: the entries of a mapping, or of each mapping of a list, that are not given explicitly.</summary>
    public void Merge(YamlValue key, YamlValue value)
    {
        var sources = value.Kind == YamlValueKind.List ? value.Items : [value];
        foreach (var source in sources)
        {
            if (source.Kind != YamlValueKind.Map)
            {
                report(YamlProblems.MergeOfScalar(key.Span));
                return;
            }

            _merged.AddRange(source.Entries);
        }
    }

    public IReadOnlyList<YamlEntry> Build()
    {
        foreach (var entry in _merged)
        {
            if (_places.TryAdd(entry.Name, entry.KeySpan))
            {
                _entries.Add(entry);
            }
        }

        return _entries;
    }
}
