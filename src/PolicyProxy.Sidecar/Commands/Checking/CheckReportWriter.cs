using System.Text.Json;
using PolicyProxy.Policy;

namespace PolicyProxy.Sidecar.Commands.Checking;

/// <summary>Prints a <see cref="CheckReport"/>.</summary>
internal static class CheckReportWriter
{
    /// <summary>One diagnostic per line in the shape of compilers, then the summary.</summary>
    public static void WriteText(CheckReport report, CommandOutput output)
    {
        foreach (var diagnostic in report.Diagnostics)
        {
            output.Out.WriteLine(Paint(diagnostic, output));
        }

        output.Out.WriteLine(report.Errors > 0 ? output.Red(report.Summary) : report.Warnings > 0 ? output.Yellow(report.Summary) : output.Green(report.Summary));
    }

    /// <summary>GitHub Actions workflow commands: the problems appear at their lines in a pull request.</summary>
    public static void WriteGitHub(CheckReport report, CommandOutput output)
    {
        foreach (var d in report.Diagnostics)
        {
            var level = d.Severity switch
            {
                DiagnosticSeverity.Error => "error",
                DiagnosticSeverity.Warning => "warning",
                _ => "notice",
            };
            var text = d.Fix.Length == 0 ? d.Message : $"{d.Message}. Fix: {d.Fix}";
            output.Out.WriteLine($"::{level} file={EscapeProperty(d.File)},line={Math.Max(1, d.Line)},col={Math.Max(1, d.Column)},title={d.Id}::{EscapeMessage(text)}");
        }

        output.Out.WriteLine(report.Summary);
    }

    public static void WriteJson(CheckReport report, CommandOutput output) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("files", report.Files);
        json.WriteNumber("policies", report.Policies);
        json.WriteNumber("errors", report.Errors);
        json.WriteNumber("warnings", report.Warnings);
        json.WriteNumber("hints", report.Hints);
        json.WriteStartArray("diagnostics");
        foreach (var diagnostic in report.Diagnostics)
        {
            Write(json, diagnostic);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, PolicyDiagnostic diagnostic)
    {
        json.WriteStartObject();
        json.WriteString("id", diagnostic.Id);
        json.WriteString("severity", Word(diagnostic.Severity));
        json.WriteString("message", diagnostic.Message);
        json.WriteString("fix", diagnostic.Fix);
        json.WriteString("file", diagnostic.File);
        json.WriteNumber("line", diagnostic.Line);
        json.WriteNumber("column", diagnostic.Column);
        json.WriteEndObject();
    }

    private static string Paint(PolicyDiagnostic diagnostic, CommandOutput output)
    {
        var text = diagnostic.ToString();
        var word = Word(diagnostic.Severity);
        var mark = $": {word} {diagnostic.Id}: ";
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        if (at < 0 || !output.UsesColour)
        {
            return text;
        }

        var painted = diagnostic.Severity switch
        {
            DiagnosticSeverity.Error => output.Red(word),
            DiagnosticSeverity.Warning => output.Yellow(word),
            _ => output.Faint(word),
        };
        return $"{output.Bold(text[..at])}: {painted} {diagnostic.Id}: {text[(at + mark.Length)..]}";
    }

    private static string Word(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => "error",
        DiagnosticSeverity.Warning => "warning",
        _ => "info",
    };

    private static string EscapeMessage(string text) => text
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string EscapeProperty(string text) => EscapeMessage(text)
        .Replace(":", "%3A", StringComparison.Ordinal)
        .Replace(",", "%2C", StringComparison.Ordinal);
}
