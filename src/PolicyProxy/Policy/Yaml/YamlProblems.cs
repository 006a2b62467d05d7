using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>The diagnostics of the YAML layer, below any kind.</summary>
internal static class YamlProblems
{
    public static PolicyDiagnostic Syntax(SourceSpan span, string reason) => Error(
        PolicyDiagnosticIds.YamlSyntax, span, $"not valid YAML: {Clean(reason)}",
        "correct the syntax; objects after this place in the file were not read");

    public static PolicyDiagnostic NulCharacter(SourceSpan span) => Error(
        PolicyDiagnosticIds.YamlSyntax, span, "not valid YAML: the text contains a NUL character", "save the file as UTF-8 text");

    public static PolicyDiagnostic TooLong(SourceSpan span, int length, int limit) => Error(
        PolicyDiagnosticIds.LimitExceeded, span, $"the text has {length} characters, at most {limit} are read", "split the file");

    public static PolicyDiagnostic Limit(SourceSpan span, string reason) => Error(
        PolicyDiagnosticIds.LimitExceeded, span, reason, "write the values out instead of nesting or repeating aliases");

    public static PolicyDiagnostic DuplicateKey(SourceSpan span, string name, SourceSpan first) => Error(
        PolicyDiagnosticIds.DuplicateKey, span, $"key \"{name}\" is already given at line {first.Line}", "keep one of the two");

    public static PolicyDiagnostic UnknownAlias(SourceSpan span, string name) => Error(
        PolicyDiagnosticIds.UnsupportedYaml, span, $"alias \"*{name}\" names no anchor before it in this document", "quote the text if the * is meant literally");

    public static PolicyDiagnostic ForeignTag(SourceSpan span, string tag) => Error(
        PolicyDiagnosticIds.UnsupportedYaml, span, $"tag \"{tag}\" is not supported", "remove the tag; quote the value to make it a string");

    public static PolicyDiagnostic KeyNotScalar(YamlValue key) => Error(
        PolicyDiagnosticIds.UnsupportedYaml, key.Span, $"a mapping key must be a string, found {key.Description}", "");

    public static PolicyDiagnostic MergeOfScalar(SourceSpan span) => Error(
        PolicyDiagnosticIds.UnsupportedYaml, span, "the merge key << needs a mapping or a list of mappings", "");

    private static PolicyDiagnostic Error(string id, SourceSpan span, string message, string fix) =>
        new(id, DiagnosticSeverity.Error, message, fix, span.File, span.Line, span.Column);

    /// <summary>The scanner's messages end in a full stop; ours do not.</summary>
    private static string Clean(string reason) => reason.TrimEnd('.');
}
