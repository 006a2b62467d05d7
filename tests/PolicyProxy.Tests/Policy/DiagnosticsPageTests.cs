using System.Reflection;
using System.Text.RegularExpressions;
using PolicyProxy.Policy;

namespace PolicyProxy.Tests.Policy;

public sealed partial class DiagnosticsPageTests
{
    private static readonly string s_page = File.ReadAllText(RepositoryFiles.PathOf("docs/reference/diagnostics.md"));

    public static TheoryData<string, string, bool> Examples()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (Match match in Example().Matches(s_page))
        {
            data.Add(match.Groups["id"].Value, match.Groups["text"].Value, match.Groups["spec"].Success);
        }

        return data;
    }

    [Fact]
    public void DiagnosticsPage_lists_exactly_the_ids_of_the_catalogue()
    {
        var catalogue = typeof(PolicyDiagnosticIds)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(static f => (string)f.GetRawConstantValue()!)
            .Order(StringComparer.Ordinal);

        Assert.Equal(catalogue, Heading().Matches(s_page).Select(static m => m.Groups["id"].Value));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void DiagnosticsPage_example_gives_its_diagnostic(string id, string text, bool isSpec)
    {
        var diagnostics = ReadingHarness.Diagnose(isSpec ? ReadingHarness.Policy(text) : text);

        var found = Assert.Single(diagnostics, d => d.Id == id);
        Assert.Equal(IsWarning(id), found.Severity == DiagnosticSeverity.Warning);
        Assert.DoesNotContain(diagnostics, d => d.Id != id && d.Severity == DiagnosticSeverity.Error);
    }

    /// <summary>The page says "Warning." where the id is one.</summary>
    private static bool IsWarning(string id) => Regex.IsMatch(s_page, $@"^## {id}: .*\n\nWarning\.", RegexOptions.Multiline | RegexOptions.NonBacktracking);

    [GeneratedRegex(@"^## (?<id>PP\d{4}): ", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^## (?<id>PP\d{4}): [^\n]*\n\n[^\n]*\n\n```yaml(?<spec> spec)?\n(?<text>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();
}
