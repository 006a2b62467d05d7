using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Decodes the peers that are neither selectors nor plain strings.</summary>
internal static class PeerDecoder
{
    public static CidrRule? CidrRule(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new CidrRule(value.Span)
        {
            Cidr = NonEmpty(fields.Text("cidr")),
            GroupRef = NonEmpty(fields.Text("cidrGroupRef")),
            GroupSelector = SelectorDecoder.Field(fields, "cidrGroupSelector", scope),
            Except = fields.TextList("except") ?? [],
        };
        fields.Close();
        return rule;
    }

    public static DnsNameRule? Fqdn(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new DnsNameRule(value.Span, path)
        {
            MatchName = NonEmpty(fields.Text("matchName")),
            MatchPattern = NonEmpty(fields.Text("matchPattern")),
        };
        fields.Close();
        return rule;
    }

    public static IcmpRule? Icmp(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new IcmpRule(value.Span, fields.List("fields", IcmpField) ?? []);
        fields.Close();
        return rule;
    }

    /// <summary>
    /// <c>toServices</c>. An element that uses both forms becomes two references: it selects what either of them selects.
    /// </summary>
    public static IReadOnlyList<ServiceReference>? Services(FieldReader fields, DecodeScope scope)
    {
        if (fields.Elements("toServices") is not { } elements)
        {
            return null;
        }

        var references = new List<ServiceReference>(elements.Count);
        for (var i = 0; i < elements.Count; i++)
        {
            AddService(references, elements[i], $"{fields.Child("toServices")}[{i}]", scope);
        }

        return references;
    }

    private static void AddService(List<ServiceReference> references, YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return;
        }

        var before = references.Count;
        if (fields.Map("k8sService") is { } byName)
        {
            references.Add(new ServiceReference(byName.Span)
            {
                ServiceName = byName.TextOrEmpty("serviceName"),
                Namespace = byName.Text("namespace")?.Value,
            });
            byName.Close();
        }

        if (fields.Map("k8sServiceSelector") is { } bySelector)
        {
            references.Add(new ServiceReference(bySelector.Span)
            {
                Selector = SelectorDecoder.Field(bySelector, "selector", scope) ?? new SelectorSpec(bySelector.Span),
                Namespace = bySelector.Text("namespace")?.Value,
            });
            bySelector.Close();
        }

        if (references.Count == before)
        {
            references.Add(new ServiceReference(value.Span));
        }

        fields.Close();
    }

    private static IcmpField? IcmpField(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var family = fields.TextOrEmpty("family");
        var type = fields.IntegerOrText("type");
        fields.Close();
        if (type is null)
        {
            if (!scope.Failed)
            {
                scope.Error(PolicyDiagnosticIds.MissingField, value.Span, $"{path}.type is missing", "give the ICMP type as number or name, for example 8 or EchoRequest");
            }

            return null;
        }

        return new IcmpField(value.Span, family, type.Value);
    }

    /// <summary>Cilium's structures do not tell an empty string from an absent one.</summary>
    private static Located<string>? NonEmpty(Located<string>? text) => text is { Value.Length: > 0 } ? text : null;
}
