namespace PolicyProxy.Architecture.Tests.Docs;

/// <summary>
/// Code in documents is a copy of code that is compiled and run: the comment <c>snippet: path#region</c> before a block says of which.
/// Blocks of kind <c>console</c> are commands with their output; Samples.Tests runs them.
/// </summary>
public sealed class SnippetTests
{
    private static readonly string[] s_checked = ["csharp", "yaml", "bash", "xml", "json"];
    private static readonly string[] s_free = ["text", "console", "diff"];

    // The examples there are read by tests of their own, each for the diagnostic it shows.
    private static readonly string[] s_testedElsewhere = ["docs/reference/diagnostics.md", "docs/reference/lints.md"];

    public static TheoryData<string> Documents { get; } = [.. Markdown.Documents().Where(path => !s_testedElsewhere.Contains(path))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Code_block_equals_the_region_it_names(string document)
    {
        foreach (var fence in Markdown.Fences(document).Where(fence => s_checked.Contains(fence.Language)))
        {
            var place = $"{fence.File}:{fence.Line}";
            Assert.True(fence.Marker.StartsWith("snippet: ", StringComparison.Ordinal), $"{place}: no '<!-- snippet: path#region -->' before this block");
            var expected = Region.Read(fence.Marker["snippet: ".Length..]);
            Assert.True(expected is not null, $"{place}: {fence.Marker} does not exist");
            Assert.True(expected == fence.Text.Trim('\n'), $"{place}: differs from {fence.Marker}; it must read:\n{expected}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Block_has_a_language_the_tests_know(string document) =>
        Assert.Equal([], Markdown.Fences(document).Where(fence => !s_checked.Concat(s_free).Contains(fence.Language)).Select(fence => $"{fence.File}:{fence.Line}").ToList());

    [Fact]
    public void Fences_are_read_with_their_markers_and_without_their_indentation()
    {
        var fences = Markdown.Fences("x.md", "<!-- snippet: a#b -->\n```yaml\nkind: X\n```\ntext\n  ```bash\n  ls\n  ```\n").ToList();
        Assert.Equal(
            [new Fence("x.md", 2, "yaml", "kind: X", "snippet: a#b"), new Fence("x.md", 6, "bash", "ls", string.Empty)],
            fences);
    }

    [Fact]
    public void Region_is_found_in_any_comment_style_and_loses_its_indentation()
    {
        Assert.Equal("call();\n  deeper();", Region.Find("    // #region one\n    call();\n      deeper();\n    // #endregion\n", "one"));
        Assert.Equal("curl x", Region.Find("# region two\ncurl x\n# endregion\n", "two"));
        Assert.Null(Region.Find("# region two\ncurl x\n# endregion\n", "three"));
    }
}
