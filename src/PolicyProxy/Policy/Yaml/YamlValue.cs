using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>One node of a parsed YAML document with its place. Immutable; aliases share the node they name.</summary>
internal sealed class YamlValue
{
    private YamlValue(YamlValueKind kind, SourceSpan span)
    {
        Kind = kind;
        Span = span;
    }

    public YamlValueKind Kind { get; }

    public SourceSpan Span { get; }

    /// <summary>Scalars: the text as written, quotes and escapes resolved.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Scalars: the text JSON would show, so <c>yes</c> is <c>true</c> and <c>0x10</c> is <c>16</c>.</summary>
    public string JsonText { get; private init; } = "";

    public IReadOnlyList<YamlValue> Items { get; private init; } = [];

    /// <summary>Keys are unique and always scalars.</summary>
    public IReadOnlyList<YamlEntry> Entries { get; private init; } = [];

    /// <summary>Levels below and including this node; a scalar has 1.</summary>
    public int Height { get; private init; } = 1;

    /// <summary>Nodes of the subtree with every alias expanded.</summary>
    public long NodeCount { get; private init; } = 1;

    /// <summary>For messages: <c>the integer 80</c>, <c>a list</c>.</summary>
    public string Description => Kind switch
    {
        YamlValueKind.Null => "null",
        YamlValueKind.Boolean => $"the boolean {Text}",
        YamlValueKind.Integer => $"the integer {Text}",
        YamlValueKind.Float => $"the number {Text}",
        YamlValueKind.Text => $"the string \"{Shorten(Text)}\"",
        YamlValueKind.List => "a list",
        _ => "a mapping",
    };

    public static YamlValue Scalar(YamlValueKind kind, SourceSpan span, string text, string jsonText) =>
        new(kind, span) { Text = text, JsonText = jsonText };

    public static YamlValue List(SourceSpan span, IReadOnlyList<YamlValue> items) => new(YamlValueKind.List, span)
    {
        Items = items,
        Height = 1 + items.Select(static i => i.Height).DefaultIfEmpty(0).Max(),
        NodeCount = 1 + items.Sum(static i => i.NodeCount),
    };

    public static YamlValue Map(SourceSpan span, IReadOnlyList<YamlEntry> entries) => new(YamlValueKind.Map, span)
    {
        Entries = entries,
        Height = 1 + entries.Select(static e => e.Value.Height).DefaultIfEmpty(0).Max(),
        NodeCount = 1 + entries.Sum(static e => 1 + e.Value.NodeCount),
    };

    /// <summary>The value of a key, or null when the key is absent or its value is null.</summary>
    public YamlValue? Find(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Name == key)
            {
                return entry.Value.Kind == YamlValueKind.Null ? null : entry.Value;
            }
        }

        return null;
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "...");
}

/// <summary>One entry of a mapping.</summary>
internal readonly record struct YamlEntry(string Name, SourceSpan KeySpan, YamlValue Value);
