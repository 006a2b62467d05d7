using System.Text.RegularExpressions;

namespace PolicyProxy.Architecture.Tests.Sources;

/// <summary>Words that must not be in the repository: marks of unfinished work and paths of one machine.</summary>
public sealed partial class WordingTests
{
    private static readonly string[] s_kinds = ["*.cs", "*.md", "*.yaml", "*.yml", "*.sh", "*.csproj", "*.props", "*.json", "*.txt"];
    private static readonly string[] s_folders = ["src", "tests", "samples", "docs", "eng"];

    [Fact]
    public void No_file_has_a_mark_of_unfinished_work() => Assert.Equal([], Lines(UnfinishedWork()));

    [Fact]
    public void No_file_has_a_path_of_one_machine() => Assert.Equal([], Lines(MachinePath()));

    [Theory]
    [InlineData("// TO" + "DO later")]
    [InlineData("throw new NotImplemented" + "Exception();")]
    [InlineData("# FIX" + "ME")]
    public void Unfinished_work_is_recognised(string line) => Assert.Matches(UnfinishedWork(), line);

    [Theory]
    [InlineData("see /ho" + "me/anna/x.yaml")]
    [InlineData("cd /ro" + "ot/src")]
    [InlineData("\"/wo" + "rk/shared/x\"")]
    [InlineData(@"C:\Us" + @"ers\anna")]
    public void Machine_path_is_recognised(string line) => Assert.Matches(MachinePath(), line);

    [Theory]
    [InlineData("GET /workshop HTTP/1.1")]
    [InlineData("the method todos")]
    public void Ordinary_text_is_not(string line)
    {
        Assert.DoesNotMatch(MachinePath(), line);
        Assert.DoesNotMatch(UnfinishedWork(), line);
    }

    private static List<string> Lines(Regex pattern) =>
        [.. s_folders.SelectMany(folder => s_kinds.SelectMany(kind => Repository.Files(folder, kind)))
            .Concat(s_kinds.SelectMany(kind => Directory.EnumerateFiles(Repository.Root, kind).Select(path => Path.GetFileName(path))))
            .Where(path => !path.EndsWith("packages.lock.json", StringComparison.Ordinal) && !path.EndsWith("/WordingTests.cs", StringComparison.Ordinal))
            .SelectMany(path => File.ReadLines(Path.Combine(Repository.Root, path))
                .Select((text, index) => (text, place: $"{path}:{index + 1}"))
                .Where(line => pattern.IsMatch(line.text))
                .Select(line => $"{line.place}: {line.text.Trim()}"))];

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedException")]
    private static partial Regex UnfinishedWork();

    [GeneratedRegex(@"(?<![\w.])/(home|root|work|Users)/\w|[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();
}
