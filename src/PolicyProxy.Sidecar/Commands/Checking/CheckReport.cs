using PolicyProxy.Policy;

namespace PolicyProxy.Sidecar.Commands.Checking;

/// <summary>What <c>check</c> found, in file and line order. Immutable.</summary>
/// <param name="Files">Number of files read.</param>
/// <param name="Policies">Number of policy objects in them.</param>
/// <param name="Diagnostics">All problems and lints.</param>
internal sealed record CheckReport(int Files, int Policies, IReadOnlyList<PolicyDiagnostic> Diagnostics)
{
    public int Errors => Count(DiagnosticSeverity.Error);

    public int Warnings => Count(DiagnosticSeverity.Warning);

    public int Hints => Count(DiagnosticSeverity.Info);

    /// <summary><c>2 errors, 1 warning in 3 files</c>; hints are named only when there are any.</summary>
    public string Summary
    {
        get
        {
            var hints = Hints == 0 ? string.Empty : ", " + Plural(Hints, "hint");
            return $"{Plural(Errors, "error")}, {Plural(Warnings, "warning")}{hints} in {Plural(Files, "file")}";
        }
    }

    /// <summary>0 clean, 1 refused; warnings count only with <paramref name="strict"/>.</summary>
    public int ExitCodeFor(bool strict) => Errors > 0 || (strict && Warnings > 0) ? ExitCode.Negative : ExitCode.Success;

    private static string Plural(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    private int Count(DiagnosticSeverity severity) => Diagnostics.Count(d => d.Severity == severity);
}
