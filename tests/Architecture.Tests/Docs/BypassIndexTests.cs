using System.Text.RegularExpressions;

namespace PolicyProxy.Architecture.Tests.Docs;

/// <summary>The page of known ways around names a test for each, and these tests exist.</summary>
public sealed partial class BypassIndexTests
{
    private const string Page = "docs/explanation/bypass-classes.md";

    [Fact]
    public void Every_row_names_tests_that_exist() => Assert.Equal([], Problems(Repository.Read(Page)));

    [Fact]
    public void Page_has_as_many_rows_as_there_are_known_ways() => Assert.True(Rows(Repository.Read(Page)).Count() >= 45);

    [Fact]
    public void Row_without_a_test_and_tests_that_are_gone_are_found()
    {
        const string Table = """
            | Way | Tests |
            |---|---|
            | none | see elsewhere |
            | file | [GoneTests](../../tests/GoneTests.cs) |
            | class | [OtherTests](../../tests/Architecture.Tests/Docs/BypassIndexTests.cs) |
            | right | [BypassIndexTests](../../tests/Architecture.Tests/Docs/BypassIndexTests.cs) |
            """;
        Assert.Equal(["none: no test", "file: GoneTests", "class: OtherTests"], Problems(Table));
    }

    private static List<string> Problems(string content)
    {
        var problems = new List<string>();
        foreach (var cells in Rows(content))
        {
            var tests = Test().Matches(cells[^1]);
            problems.AddRange(tests.Count == 0 ? [$"{cells[0]}: no test"] : tests.Where(static test => !Exists(test)).Select(test => $"{cells[0]}: {test.Groups[1].Value}"));
        }

        return problems;
    }

    // Rows of all tables, without their heads.
    private static IEnumerable<string[]> Rows(string content)
    {
        var lines = Markdown.Prose(content).Split('\n').Select(static line => line.Trim()).ToList();
        for (var i = 0; i < lines.Count; i++)
        {
            var isHead = i + 1 < lines.Count && lines[i + 1].StartsWith("|---", StringComparison.Ordinal);
            if (lines[i].StartsWith("| ", StringComparison.Ordinal) && !isHead)
            {
                yield return lines[i].Trim('|').Split('|', StringSplitOptions.TrimEntries);
            }
        }
    }

    private static bool Exists(Match test) =>
        File.Exists(Path.Combine(Repository.Root, test.Groups[2].Value))
        && Regex.IsMatch(Repository.Read(test.Groups[2].Value), $@"\bclass {test.Groups[1].Value}\b", RegexOptions.NonBacktracking);

    [GeneratedRegex(@"\[(\w+Tests)\]\(\.\./\.\./(tests/[^)]+\.cs)\)")]
    private static partial Regex Test();
}
