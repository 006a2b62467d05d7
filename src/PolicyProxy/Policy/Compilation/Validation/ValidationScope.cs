using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Where the findings of validating one object go. One instance per object.</summary>
internal sealed class ValidationScope(PolicyValidationOptions options, ICollection<PolicyDiagnostic> diagnostics)
{
    public PolicyValidationOptions Options { get; } = options;

    /// <summary>True once an error was reported: the object has no effect.</summary>
    public bool Failed { get; private set; }

    public void Error(string id, SourceSpan span, string message, string fix = "")
    {
        Failed = true;
        diagnostics.Add(new PolicyDiagnostic(id, DiagnosticSeverity.Error, message, fix, span.File, span.Line, span.Column));
    }

    public void Warning(string id, SourceSpan span, string message, string fix = "") =>
        diagnostics.Add(new PolicyDiagnostic(id, DiagnosticSeverity.Warning, message, fix, span.File, span.Line, span.Column));

    /// <summary>Accepted by Cilium's policy code, refused by the schema of its resources.</summary>
    public void SchemaNarrower(SourceSpan span, string what, string fix = "") => Warning(
        PolicyDiagnosticIds.SchemaNarrower, span, $"{what}: Cilium's resource schema refuses this, so the object cannot be created in a cluster", fix);
}
