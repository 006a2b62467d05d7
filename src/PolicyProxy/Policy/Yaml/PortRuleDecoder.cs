using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Decodes the elements of <c>toPorts</c> (semantics 1.5). Elements of deny rules know <c>ports</c> only.</summary>
internal static class PortRuleDecoder
{
    public static PortRule? Allow(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new PortRule
        {
            Path = path,
            Span = value.Span,
            Ports = fields.List("ports", Port) ?? [],
            Rules = fields.Raw("rules") is { } rules ? L7RulesDecoder.Decode(rules, fields.Child("rules"), scope) : null,
            ServerNames = fields.TextList("serverNames"),
            TerminatingTls = Tls(fields, "terminatingTLS", scope),
            OriginatingTls = Tls(fields, "originatingTLS", scope),
            Listener = Listener(fields, scope),
        };
        fields.Close();
        return rule;
    }

    public static PortRule? Deny(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new PortRule { Path = path, Span = value.Span, Ports = fields.List("ports", Port) ?? [] };
        fields.Close();
        return rule;
    }

    /// <summary>A reference to a Secret; null when the field is absent.</summary>
    public static SecretReference? Secret(FieldReader fields)
    {
        if (fields.Map("secret") is not { } secret)
        {
            return null;
        }

        var reference = new SecretReference(secret.Span, secret.Text("namespace")?.Value, secret.TextOrEmpty("name").Value);
        secret.Close();
        return reference;
    }

    private static PortProtocol? Port(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var failedBefore = scope.Failed;
        var port = new PortProtocol(value.Span, fields.TextOrEmpty("port"), fields.Int32("endPort") ?? 0, fields.TextOrEmpty("protocol"));
        fields.Close();
        return scope.Failed && !failedBefore ? null : port;
    }

    private static TlsContextSpec? Tls(FieldReader parent, string name, DecodeScope scope)
    {
        if (parent.Map(name) is not { } fields)
        {
            return null;
        }

        var context = new TlsContextSpec(
            fields.Span,
            Secret(fields),
            fields.Text("trustedCA")?.Value,
            fields.Text("certificate")?.Value,
            fields.Text("privateKey")?.Value);
        fields.Close();
        if (context.Secret is null && fields.Raw("secret") is null)
        {
            scope.Error(PolicyDiagnosticIds.MissingField, fields.Span, $"{fields.Path}.secret is missing", "name the Secret that holds the certificate");
        }

        return context;
    }

    private static ListenerSpec? Listener(FieldReader parent, DecodeScope scope)
    {
        if (parent.Map("listener") is not { } fields)
        {
            return null;
        }

        var config = fields.Map("envoyConfig");
        var kind = config?.TextOrEmpty("kind").Value ?? "";
        var configName = config?.TextOrEmpty("name").Value ?? "";
        config?.Close();
        var name = fields.TextOrEmpty("name");
        var priority = fields.Int32("priority") ?? 0;
        fields.Close();
        if (name.Value.Length == 0)
        {
            scope.Error(PolicyDiagnosticIds.MissingField, name.Span, $"{fields.Path}.name is missing");
        }

        if (priority is < 0 or > 100)
        {
            scope.Error(PolicyDiagnosticIds.NumberOutOfRange, fields.Span, $"{fields.Path}.priority must be 1 to 100, found {priority}");
        }

        return new ListenerSpec(fields.Span, kind, configName, name.Value, priority);
    }
}
