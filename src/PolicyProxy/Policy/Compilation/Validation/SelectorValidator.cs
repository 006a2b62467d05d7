using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates label selectors (semantics 2.1, 2.2).</summary>
internal static class SelectorValidator
{
    private const string NamespaceKey = "io.kubernetes.pod.namespace";

    public static void Validate(SelectorSpec selector, ValidationScope scope)
    {
        foreach (var label in selector.MatchLabels)
        {
            CheckKey(label.Key, scope);
            CheckValue(label.Value, label.Key.Value, scope);
        }

        foreach (var expression in selector.MatchExpressions)
        {
            CheckKey(expression.Key, scope);
            CheckOperator(expression, scope);
            foreach (var value in expression.Values)
            {
                CheckValue(value, expression.Key.Value, scope);
            }
        }
    }

    /// <summary>A subject is always taken from the policy's own namespace, so naming another one selects nothing or is overwritten.</summary>
    public static void WarnForeignNamespace(SelectorSpec subject, string ns, ValidationScope scope)
    {
        foreach (var label in subject.MatchLabels)
        {
            if (LabelSyntax.TryParseKey(label.Key.Value, out var key) && key is { Key: NamespaceKey, Source: "any" or "k8s" } && label.Value.Value != ns)
            {
                scope.Warning(
                    PolicyDiagnosticIds.SubjectNamespace,
                    label.Key.Span,
                    $"endpointSelector names namespace \"{label.Value.Value}\", but the policy only applies in \"{ns}\"",
                    "remove the label, or put the policy into that namespace");
            }
        }
    }

    private static void CheckKey(Located<string> key, ValidationScope scope)
    {
        if (!LabelSyntax.TryParseKey(key.Value, out _))
        {
            scope.Error(
                PolicyDiagnosticIds.LabelKey,
                key.Span,
                $"label key \"{key.Value}\" is not valid",
                "write [source:][prefix/]name; a name has at most 63 letters, digits, '-', '_' or '.', and begins and ends with a letter or digit");
        }
    }

    private static void CheckValue(Located<string> value, string key, ValidationScope scope)
    {
        if (!LabelSyntax.IsValue(value.Value))
        {
            scope.Error(
                PolicyDiagnosticIds.LabelValue,
                value.Span,
                $"value \"{value.Value}\" of label \"{key}\" is not valid",
                "a value has at most 63 letters, digits, '-', '_' or '.', and begins and ends with a letter or digit");
        }
    }

    private static void CheckOperator(MatchExpression expression, ValidationScope scope)
    {
        switch (expression.Operator.Value)
        {
            case "In" or "NotIn":
                if (expression.Values.Count == 0)
                {
                    scope.Error(
                        PolicyDiagnosticIds.SelectorValues, expression.Span, $"operator {expression.Operator.Value} needs at least one value", "add values, or use Exists / DoesNotExist");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (expression.Values.Count > 0)
                {
                    scope.Error(
                        PolicyDiagnosticIds.SelectorValues, expression.Span, $"operator {expression.Operator.Value} takes no values", "remove values, or use In / NotIn");
                }

                break;
            default:
                scope.Error(
                    PolicyDiagnosticIds.SelectorOperator,
                    expression.Operator.Span,
                    $"selector operator \"{expression.Operator.Value}\" is unknown",
                    "use In, NotIn, Exists or DoesNotExist");
                break;
        }
    }
}
