using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Decodes one rule: <c>spec</c> or an element of <c>specs</c> (semantics 1.2).</summary>
internal static class RuleDecoder
{
    public static PolicyRule? Decode(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var defaultDeny = fields.Map("enableDefaultDeny");
        var rule = new PolicyRule
        {
            Path = path,
            Span = value.Span,
            EndpointSelector = SelectorDecoder.Field(fields, "endpointSelector", scope),
            NodeSelector = SelectorDecoder.Field(fields, "nodeSelector", scope),
            Ingress = fields.List("ingress", DirectionRuleDecoder.Ingress) ?? [],
            IngressDeny = fields.List("ingressDeny", DirectionRuleDecoder.IngressDeny) ?? [],
            Egress = fields.List("egress", DirectionRuleDecoder.Egress) ?? [],
            EgressDeny = fields.List("egressDeny", DirectionRuleDecoder.EgressDeny) ?? [],
            DefaultDenyIngress = defaultDeny?.Boolean("ingress"),
            DefaultDenyEgress = defaultDeny?.Boolean("egress"),
            LogValue = LogValue(fields),
            Labels = Labels(fields, scope),
            Description = fields.Text("description")?.Value,
        };
        defaultDeny?.Close();
        fields.Close();
        return rule;
    }

    private static Located<string>? LogValue(FieldReader fields)
    {
        if (fields.Map("log") is not { } log)
        {
            return null;
        }

        var value = log.Text("value");
        log.Close();
        return value;
    }

    private static List<Located<string>> Labels(FieldReader fields, DecodeScope scope)
    {
        var labels = new List<Located<string>>();
        var elements = fields.Elements("labels") ?? [];
        for (var i = 0; i < elements.Count; i++)
        {
            if (Label(elements[i], $"{fields.Child("labels")}[{i}]", scope) is { } text)
            {
                labels.Add(new Located<string>(text, elements[i].Span));
            }
        }

        return labels;
    }

    /// <summary>A label is the text <c>[source:]key[=value]</c> or a mapping with these three; without source it is <c>unspec</c>.</summary>
    private static string? Label(YamlValue value, string path, DecodeScope scope)
    {
        if (value.Kind == YamlValueKind.Text)
        {
            var key = value.Text.AsSpan(0, value.Text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var end ? end : value.Text.Length);
            return key.Contains(':') ? value.Text : "unspec:" + value.Text;
        }

        if (value.Kind != YamlValueKind.Map)
        {
            scope.WrongType(path, value, "a string or a mapping");
            return null;
        }

        var fields = FieldReader.Open(value, path, scope)!;
        var name = fields.TextOrEmpty("key").Value;
        var content = fields.TextOrEmpty("value").Value;
        var source = fields.TextOrEmpty("source").Value;
        fields.Close();
        if (name.Length == 0)
        {
            scope.Error(PolicyDiagnosticIds.MissingField, value.Span, $"{path}.key is missing", "give the label a key");
            return null;
        }

        return $"{(source.Length == 0 ? "unspec" : source)}:{name}={content}";
    }
}
