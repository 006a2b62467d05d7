using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>What decoding one object needs to know, and whether it went wrong. One instance per object; not thread-safe.</summary>
internal sealed class DecodeScope(PolicyReadOptions options, ICollection<PolicyDiagnostic> diagnostics)
{
    public PolicyReadOptions Options { get; } = options;

    /// <summary>True for the policyproxy.dev kinds, which allow the extension fields. Set once the kind is known.</summary>
    public bool AllowsExtensions { get; set; }

    /// <summary>True once an error was reported: the object has no effect.</summary>
    public bool Failed { get; private set; }

    public void Error(string id, SourceSpan span, string message, string fix = "")
    {
        Failed = true;
        diagnostics.Add(new PolicyDiagnostic(id, DiagnosticSeverity.Error, message, fix, span.File, span.Line, span.Column));
    }

    public void Warning(string id, SourceSpan span, string message, string fix = "") =>
        diagnostics.Add(new PolicyDiagnostic(id, DiagnosticSeverity.Warning, message, fix, span.File, span.Line, span.Column));

    /// <summary>A value of the wrong JSON type, with the fix that is almost always right.</summary>
    public void WrongType(string path, YamlValue value, string expected)
    {
        var fix = (expected, value.Kind) switch
        {
            ("a string", YamlValueKind.Boolean) => $"quote it: \"{value.Text}\" (an unquoted y, n, yes, no, on or off is a boolean in YAML)",
            ("a string", YamlValueKind.Integer or YamlValueKind.Float) => $"quote it: \"{value.Text}\"",
            ("a string", YamlValueKind.Null) => "write \"\" for the empty string or remove the entry",
            ("an integer", YamlValueKind.Text) => "remove the quotes",
            ("a list", _) => "put \"- \" in front of each element",
            _ => "",
        };
        Error(PolicyDiagnosticIds.WrongType, value.Span, $"{path} must be {expected}, found {value.Description}", fix);
    }

    /// <summary>An extension field in an object whose kind does not allow it.</summary>
    public void ExtensionField(string path, SourceSpan span) => Error(
        PolicyDiagnosticIds.ExtensionField,
        span,
        $"{path} is not a field of cilium.io/v2",
        "use apiVersion policyproxy.dev/v1alpha1 with kind L7NetworkPolicy (or L7ClusterwideNetworkPolicy)");
}
