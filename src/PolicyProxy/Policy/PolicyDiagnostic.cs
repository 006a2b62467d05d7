namespace PolicyProxy.Policy;

/// <summary>How bad a <see cref="PolicyDiagnostic"/> is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Info,

    /// <summary>Probably not what was meant; the object is used.</summary>
    Warning,

    /// <summary>The object, and with it the whole input, is refused.</summary>
    Error,
}

/// <summary>One problem of the user's input with its place and its fix. Immutable.</summary>
/// <param name="Id">Stable id such as <c>PP1004</c>; listed in docs/reference/diagnostics.md.</param>
/// <param name="Severity">See <see cref="DiagnosticSeverity"/>.</param>
/// <param name="Message">One sentence, no final full stop needed, names the offending value.</param>
/// <param name="Fix">What to write instead; empty when there is nothing to add to the message.</param>
/// <param name="File">File as the user named it.</param>
/// <param name="Line">1-based line; 0 when the problem has no line.</param>
/// <param name="Column">1-based column; 0 when the problem has no line.</param>
public sealed record PolicyDiagnostic(string Id, DiagnosticSeverity Severity, string Message, string Fix, string File, int Line, int Column)
{
    /// <summary><c>file:line:column: severity ID: message. Fix: fix</c>, the shape editors and compilers know.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{File}:{Line}:{Column}" : File;
        var severity = Severity switch
        {
            DiagnosticSeverity.Error => "error",
            DiagnosticSeverity.Warning => "warning",
            _ => "info",
        };
        return Fix.Length == 0 ? $"{place}: {severity} {Id}: {Message}" : $"{place}: {severity} {Id}: {Message}. Fix: {Fix}";
    }
}
