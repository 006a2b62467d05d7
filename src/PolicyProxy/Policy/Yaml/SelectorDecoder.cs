using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Decodes Kubernetes label selectors.</summary>
internal static class SelectorDecoder
{
    public static SelectorSpec? Decode(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var selector = new SelectorSpec(value.Span)
        {
            MatchLabels = fields.TextMap("matchLabels"),
            MatchExpressions = fields.List("matchExpressions", DecodeExpression) ?? [],
        };
        fields.Close();
        return selector;
    }

    /// <summary>The selector of a field; null when absent.</summary>
    public static SelectorSpec? Field(FieldReader fields, string name, DecodeScope scope) =>
        fields.Raw(name) is { } value ? Decode(value, fields.Child(name), scope) : null;

    private static MatchExpression? DecodeExpression(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var expression = new MatchExpression(
            value.Span,
            fields.TextOrEmpty("key"),
            fields.TextOrEmpty("operator"),
            fields.TextList("values") ?? []);
        fields.Close();
        return expression;
    }
}
