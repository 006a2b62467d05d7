namespace PolicyProxy.Architecture.Tests.Sources;

/// <summary>Keeps files readable: the budget of lines per source file.</summary>
public sealed class FileSizeTests
{
    private const int MaxLines = 500;
    private const int MaxLinesOfNineInTen = 200;
    private const int MaxMedianLines = 70; // to be lowered to 60, never raised

    [Fact]
    public void Source_files_stay_inside_the_line_budget()
    {
        var sizes = Repository.Files("src", "*.cs").Select(path => (Lines: File.ReadLines(Path.Combine(Repository.Root, path)).Count(), Path: path)).ToList();
        Assert.Equal([], BudgetBreaks(sizes));
    }

    [Fact]
    public void Budget_names_the_file_that_breaks_it()
    {
        List<(int Lines, string Path)> sizes = [(10, "a.cs"), (20, "b.cs"), (501, "long.cs")];
        Assert.Contains(BudgetBreaks(sizes), line => line.Contains("long.cs", StringComparison.Ordinal));
    }

    [Fact]
    public void Budget_limits_the_median_too()
    {
        List<(int Lines, string Path)> sizes = [(71, "a.cs"), (72, "b.cs"), (73, "c.cs")];
        Assert.Contains(BudgetBreaks(sizes), line => line.StartsWith("median", StringComparison.Ordinal));
    }

    private static List<string> BudgetBreaks(IReadOnlyList<(int Lines, string Path)> sizes)
    {
        var sorted = sizes.Select(size => size.Lines).Order().ToList();
        var median = sorted[sorted.Count / 2];
        var nineInTen = sorted[(sorted.Count * 9) / 10];
        List<string> breaks = [.. sizes.Where(size => size.Lines > MaxLines).Select(size => $"{size.Path} has {size.Lines} lines, more than {MaxLines}")];
        if (median > MaxMedianLines)
        {
            breaks.Add($"median is {median} lines, more than {MaxMedianLines}");
        }

        if (sorted.Count >= 10 && nineInTen > MaxLinesOfNineInTen)
        {
            breaks.Add($"90th percentile is {nineInTen} lines, more than {MaxLinesOfNineInTen}");
        }

        return breaks;
    }
}
