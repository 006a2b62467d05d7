using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Decodes <c>rules</c> (semantics 1.7 to 1.9, 7.1) and its extensions.</summary>
internal static class L7RulesDecoder
{
    public static L7Rules? Decode(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        RefuseGenericL7(fields, scope);
        var rules = new L7Rules(value.Span)
        {
            Http = fields.List("http", Http),
            Dns = fields.List("dns", Dns),
            Kafka = fields.List("kafka", Kafka),
            Grpc = Extension(fields, "grpc", scope) ? fields.List("grpc", Grpc) : null,
        };
        fields.Close();
        return rules;
    }

    /// <summary>Pruning l7proto would leave a plain layer 4 allow, so it is refused even when unknown fields are ignored.</summary>
    private static void RefuseGenericL7(FieldReader fields, DecodeScope scope)
    {
        foreach (var name in (ReadOnlySpan<string>)["l7proto", "l7"])
        {
            if (fields.Find(name) is not null)
            {
                fields.Ignore(name);
                scope.Error(
                    PolicyDiagnosticIds.L7ProtoRemoved,
                    fields.KeySpan(name),
                    $"{fields.Child(name)} is not supported: Cilium removed generic layer 7 parsers in 1.20",
                    "use http, dns or kafka rules, or a kind of policyproxy.dev/v1alpha1 with grpc rules");
            }
        }
    }

    private static HttpRule? Http(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new HttpRule(value.Span, path)
        {
            Path = fields.Text("path"),
            Method = fields.Text("method"),
            Host = fields.Text("host"),
            Headers = fields.TextList("headers") ?? [],
            HeaderMatches = fields.List("headerMatches", HeaderMatch) ?? [],
        };
        fields.Close();
        return rule;
    }

    private static HeaderMatch? HeaderMatch(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var match = new HeaderMatch(value.Span)
        {
            Name = fields.TextOrEmpty("name"),
            Value = fields.Text("value")?.Value,
            Secret = PortRuleDecoder.Secret(fields),
            Mismatch = fields.Text("mismatch"),
        };
        fields.Close();
        return match;
    }

    private static DnsNameRule? Dns(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new DnsNameRule(value.Span, path)
        {
            MatchName = NonEmpty(fields.Text("matchName")),
            MatchPattern = NonEmpty(fields.Text("matchPattern")),
            QueryTypes = Extension(fields, "queryTypes", scope) ? fields.TextList("queryTypes") : null,
        };
        fields.Close();
        return rule;
    }

    private static KafkaRule? Kafka(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new KafkaRule(value.Span, path)
        {
            Role = NonEmpty(fields.Text("role")),
            ApiKey = NonEmpty(fields.Text("apiKey")),
            ApiVersion = NonEmpty(fields.Text("apiVersion")),
            ClientId = NonEmpty(fields.Text("clientID")),
            Topic = NonEmpty(fields.Text("topic")),
            GroupId = Extension(fields, "groupId", scope) ? NonEmpty(fields.Text("groupId")) : null,
            TransactionalId = Extension(fields, "transactionalId", scope) ? NonEmpty(fields.Text("transactionalId")) : null,
        };
        fields.Close();
        return rule;
    }

    private static GrpcRule? Grpc(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new GrpcRule(value.Span, path)
        {
            Service = NonEmpty(fields.Text("service")),
            Method = NonEmpty(fields.Text("method")),
            Metadata = fields.TextMap("metadata"),
        };
        fields.Close();
        return rule;
    }

    /// <summary>True when an extension field may be read; reports it when it is present in a kind without extensions.</summary>
    private static bool Extension(FieldReader fields, string name, DecodeScope scope)
    {
        if (scope.AllowsExtensions)
        {
            return true;
        }

        if (fields.Find(name) is not null)
        {
            fields.Ignore(name);
            scope.ExtensionField(fields.Child(name), fields.KeySpan(name));
        }

        return false;
    }

    private static Located<string>? NonEmpty(Located<string>? text) => text is { Value.Length: > 0 } ? text : null;
}
