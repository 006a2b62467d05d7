using System.Reflection;
using System.Text.RegularExpressions;
using PolicyProxy.Policy.Compilation.Lint;

namespace PolicyProxy.Tests.Policy.Compilation.Lint;

public sealed partial class LintsPageTests
{
    private static readonly string s_page = File.ReadAllText(RepositoryFiles.PathOf("docs/reference/lints.md"));

    public static TheoryData<string, string, string> Examples()
    {
        var data = new TheoryData<string, string, string>();
        foreach (Match match in Example().Matches(s_page))
        {
            data.Add(match.Groups["id"].Value, Text(match, "bad", "badSpec"), Text(match, "good", "goodSpec"));
        }

        return data;
    }

    [Fact]
    public void LintsPage_lists_exactly_the_ids_of_the_catalogue()
    {
        var catalogue = typeof(LintIds)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(static f => (string)f.GetRawConstantValue()!)
            .Order(StringComparer.Ordinal)
            .ToList();

        Assert.Equal(catalogue, Heading().Matches(s_page).Select(static m => m.Groups["id"].Value));
        Assert.Equal(catalogue, Examples().Select(static row => (string)row[0]));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void LintsPage_example_gives_its_lint_and_the_better_one_does_not(string id, string bad, string good)
    {
        Assert.NotEmpty(Assert.Single(LintHarness.Run(bad), d => d.Id == id).Fix);
        Assert.DoesNotContain(LintHarness.Run(good), d => d.Id == id);
    }

    private static string Text(Match match, string name, string specName) =>
        match.Groups[specName].Success ? ReadingHarness.Policy(match.Groups[name].Value) : match.Groups[name].Value;

    [GeneratedRegex(@"^## (?<id>PP\d{4}): ", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(
        @"^## (?<id>PP\d{4}): [^`]*?(?:(?!^```)[^\n]*\n)*?```yaml(?<badSpec> spec)?\n(?<bad>.*?)\n```\n\n```yaml(?<goodSpec> spec)? better\n(?<good>.*?)\n```$",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();
}
