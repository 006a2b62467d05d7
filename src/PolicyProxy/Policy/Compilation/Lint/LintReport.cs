using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Collects findings. Not thread-safe.</summary>
internal sealed class LintReport
{
    private readonly List<PolicyDiagnostic> _found = [];

    public void Refuse(PolicyDocument document, string id, SourceSpan at, string message, string fix) =>
        Add(document, DiagnosticSeverity.Error, id, at, message, fix);

    public void Warn(PolicyDocument document, string id, SourceSpan at, string message, string fix) =>
        Add(document, DiagnosticSeverity.Warning, id, at, message, fix);

    public void Inform(PolicyDocument document, string id, SourceSpan at, string message, string fix) =>
        Add(document, DiagnosticSeverity.Info, id, at, message, fix);

    public IReadOnlyList<PolicyDiagnostic> InOrder() =>
    [
        .. _found
            .Distinct()
            .OrderBy(d => d.File, StringComparer.Ordinal)
            .ThenBy(d => d.Line)
            .ThenBy(d => d.Column)
            .ThenBy(d => d.Id, StringComparer.Ordinal),
    ];

    private void Add(PolicyDocument document, DiagnosticSeverity severity, string id, SourceSpan at, string message, string fix)
    {
        if (document.Annotations.TryGetValue(PolicyLinter.IgnoreAnnotation, out var ignored)
            && ignored.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Contains(id, StringComparer.Ordinal))
        {
            return;
        }

        _found.Add(new PolicyDiagnostic(id, severity, message, fix, at.File, at.Line, at.Column));
    }
}
