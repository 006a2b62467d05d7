using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates HTTP rules (semantics 1.8). The host expression is left to a later stage, as Cilium admits the object without looking at it.</summary>
internal static class HttpRuleValidator
{
    public static void Validate(HttpRule rule, ValidationScope scope)
    {
        CheckPattern(rule.Path, rule.RulePath + ".path", scope);
        CheckPattern(rule.Method, rule.RulePath + ".method", scope);
        if (rule.Method is { Value: "get" or "head" or "post" or "put" or "delete" or "patch" or "options" or "connect" or "trace" } method)
        {
            scope.Warning(
                PolicyDiagnosticIds.NeverMatches, method.Span, $"method \"{method.Value}\" matches no request: methods are case-sensitive", $"write {method.Value.ToUpperInvariant()}");
        }

        foreach (var header in rule.Headers)
        {
            // Without a space the whole text is the header's name, and no name has a colon inside.
            if (!header.Value.Contains(' ', StringComparison.Ordinal) && header.Value.LastIndexOf(':') > 0)
            {
                scope.Warning(
                    PolicyDiagnosticIds.NeverMatches, header.Span, $"header \"{header.Value}\" is taken for a name with a colon and matches no request", "write \"Name\" or \"Name: value\" with a space");
            }
        }

        foreach (var match in rule.HeaderMatches)
        {
            ValidateHeaderMatch(match, rule.RulePath, scope);
        }
    }

    private static void CheckPattern(Located<string>? pattern, string path, ValidationScope scope)
    {
        if (pattern is { Value.Length: > 0 } text && !Re2Pattern.TryParse(text.Value, out _, out var error))
        {
            scope.Error(
                PolicyDiagnosticIds.RegexSyntax,
                text.Span,
                $"{path} \"{text.Value}\" is not an RE2 expression: {error.Message}",
                text.Value.StartsWith('*') ? "write .* for any text" : "use RE2 syntax, without look-around and back-references");
        }
    }

    private static void ValidateHeaderMatch(HeaderMatch match, string path, ValidationScope scope)
    {
        if (string.IsNullOrEmpty(match.Name.Value))
        {
            scope.Error(PolicyDiagnosticIds.HeaderName, match.Span, $"{path} has a header match without name", "give the header's name");
        }

        if (match.Mismatch is { } action && action.Value is not ("" or "LOG" or "ADD" or "DELETE" or "REPLACE"))
        {
            scope.Error(PolicyDiagnosticIds.HeaderAction, action.Span, $"mismatch action \"{action.Value}\" is unknown", "use LOG, ADD, DELETE or REPLACE in upper case, or leave it out");
        }

        if (match.Secret is { Name.Length: 0 } secret)
        {
            scope.Error(PolicyDiagnosticIds.SecretNameMissing, secret.Span, $"{path} refers to a secret without name", "give secret.name");
        }
    }
}
