using System.Globalization;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>
/// Reads the fields of one mapping with the strictness of Kubernetes' JSON decoding: null is absent, any other wrong type an error.
/// Every field asked for is a known field; <see cref="Close"/> reports the others.
/// </summary>
internal sealed class FieldReader
{
    private readonly YamlValue _map;
    private readonly DecodeScope _scope;
    private readonly List<string> _known = [];

    private FieldReader(YamlValue map, string path, DecodeScope scope)
    {
        _map = map;
        Path = path;
        _scope = scope;
    }

    /// <summary>Path of the mapping inside the object; empty for the object itself.</summary>
    public string Path { get; }

    public SourceSpan Span => _map.Span;

    /// <summary>Null, with a diagnostic, when the value is not a mapping.</summary>
    public static FieldReader? Open(YamlValue value, string path, DecodeScope scope)
    {
        if (value.Kind == YamlValueKind.Map)
        {
            return new FieldReader(value, path, scope);
        }

        scope.WrongType(path.Length == 0 ? "the object" : path, value, "a mapping");
        return null;
    }

    /// <summary>The raw value of a field; null when absent.</summary>
    public YamlValue? Raw(string name)
    {
        _known.Add(name);
        return _map.Find(name);
    }

    /// <summary>As <see cref="Raw"/>, without making the field a known one.</summary>
    public YamlValue? Find(string name) => _map.Find(name);

    /// <summary>Marks fields as known without reading them.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _known.Add(name);
        }
    }

    public Located<string>? Text(string name) => Raw(name) is { } value ? TextOf(value, Child(name), _scope) : null;

    /// <summary>The text, or empty text at the mapping's place when the field is absent.</summary>
    public Located<string> TextOrEmpty(string name) => Text(name) ?? new Located<string>("", Span);

    public bool? Boolean(string name)
    {
        switch (Raw(name))
        {
            case null:
                return null;
            case { Kind: YamlValueKind.Boolean } value:
                return value.JsonText == "true";
            case { } value:
                _scope.WrongType(Child(name), value, "a boolean");
                return null;
        }
    }

    public int? Int32(string name)
    {
        if (Raw(name) is not { } value)
        {
            return null;
        }

        if (value.Kind != YamlValueKind.Integer)
        {
            _scope.WrongType(Child(name), value, "an integer");
            return null;
        }

        if (int.TryParse(value.JsonText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        _scope.Error(PolicyDiagnosticIds.NumberOutOfRange, value.Span, $"{Child(name)} does not fit into 32 bits: {value.Text}");
        return null;
    }

    /// <summary>A field that takes an integer or a name (Kubernetes' IntOrString), as text.</summary>
    public Located<string>? IntegerOrText(string name)
    {
        if (Raw(name) is not { } value)
        {
            return null;
        }

        if (value.Kind is YamlValueKind.Integer or YamlValueKind.Text)
        {
            return new Located<string>(value.JsonText, value.Span);
        }

        _scope.WrongType(Child(name), value, "an integer or a string");
        return null;
    }

    public FieldReader? Map(string name) => Raw(name) is { } value ? Open(value, Child(name), _scope) : null;

    /// <summary>Null = absent. Elements whose <paramref name="item"/> gives null are left out; a diagnostic says why.</summary>
    public IReadOnlyList<T>? List<T>(string name, Func<YamlValue, string, DecodeScope, T?> item)
        where T : class
    {
        if (Elements(name) is not { } elements)
        {
            return null;
        }

        var list = new List<T>(elements.Count);
        for (var i = 0; i < elements.Count; i++)
        {
            if (item(elements[i], $"{Child(name)}[{i}]", _scope) is { } read)
            {
                list.Add(read);
            }
        }

        return list;
    }

    public IReadOnlyList<Located<string>>? TextList(string name)
    {
        if (Elements(name) is not { } elements)
        {
            return null;
        }

        var list = new List<Located<string>>(elements.Count);
        for (var i = 0; i < elements.Count; i++)
        {
            if (TextOf(elements[i], $"{Child(name)}[{i}]", _scope) is { } text)
            {
                list.Add(text);
            }
        }

        return list;
    }

    /// <summary>The elements of a list field, unread; null when absent or not a list.</summary>
    public IReadOnlyList<YamlValue>? Elements(string name)
    {
        switch (Raw(name))
        {
            case null:
                return null;
            case { Kind: YamlValueKind.List } value:
                return value.Items;
            case { } value:
                _scope.WrongType(Child(name), value, "a list");
                return null;
        }
    }

    /// <summary>A map of strings, in the order written.</summary>
    public IReadOnlyList<MatchLabel> TextMap(string name)
    {
        if (Map(name) is not { } map)
        {
            return [];
        }

        var labels = new List<MatchLabel>(map._map.Entries.Count);
        foreach (var entry in map._map.Entries)
        {
            if (TextOf(entry.Value, $"{map.Path}[{entry.Name}]", _scope) is { } value)
            {
                labels.Add(new MatchLabel(new Located<string>(entry.Name, entry.KeySpan), value));
            }
        }

        return labels;
    }

    public Dictionary<string, string> TextDictionary(string name) =>
        TextMap(name).ToDictionary(static l => l.Key.Value, static l => l.Value.Value, StringComparer.Ordinal);

    /// <summary>Reports every field that was neither read nor ignored.</summary>
    public void Close()
    {
        foreach (var entry in _map.Entries)
        {
            if (!_known.Contains(entry.Name))
            {
                ReportUnknown(entry);
            }
        }
    }

    /// <summary>Place of a field's key; the mapping's own place when the field is absent.</summary>
    public SourceSpan KeySpan(string name)
    {
        foreach (var entry in _map.Entries)
        {
            if (entry.Name == name)
            {
                return entry.KeySpan;
            }
        }

        return Span;
    }

    public string Child(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    private static Located<string>? TextOf(YamlValue value, string path, DecodeScope scope)
    {
        if (value.Kind == YamlValueKind.Text)
        {
            return new Located<string>(value.Text, value.Span);
        }

        scope.WrongType(path, value, "a string");
        return null;
    }

    private void ReportUnknown(YamlEntry entry)
    {
        var place = Path.Length == 0 ? "this object" : Path;
        var message = $"unknown field \"{entry.Name}\" in {place}";
        var nearest = FieldNames.Nearest(entry.Name, _known);
        var fix = nearest is null ? $"known fields are {string.Join(", ", _known.Order(StringComparer.Ordinal))}" : $"did you mean {nearest}?";
        if (_scope.Options.UnknownFields == UnknownFieldMode.Ignore)
        {
            _scope.Warning(PolicyDiagnosticIds.UnknownField, entry.KeySpan, message + "; it is ignored", fix);
        }
        else
        {
            _scope.Error(PolicyDiagnosticIds.UnknownField, entry.KeySpan, message, fix);
        }
    }
}
