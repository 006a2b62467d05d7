using PolicyProxy.Policy.Compilation.Lint;

namespace PolicyProxy.Tests.Policy.Compilation.Lint;

public sealed class SimplePatternTests
{
    [Theory]
    [InlineData(null, "/a", true)]
    [InlineData("", null, true)]
    [InlineData(".*", null, true)]
    [InlineData("/.*", null, false)]
    [InlineData("/a.*", "/a", true)]
    [InlineData("/a.*", "/ab.*", true)]
    [InlineData("/ab.*", "/a.*", false)]
    [InlineData("/a", "/a.*", false)]
    [InlineData("/a.b", "/axb", true)]
    [InlineData("/a\\.b", "/a.b", false)]
    [InlineData("^(GET|HEAD)$", "HEAD", true)]
    [InlineData("GET|HEAD", "GET|POST", false)]
    [InlineData("[a-z]+", "[a-z]+", true)]
    [InlineData("[a-z]+", "abc", false)]
    public void SimplePattern_covers_only_what_it_certainly_matches(string? outer, string? inner, bool covers) =>
        Assert.Equal(covers, SimplePattern.Covers(outer, inner));

    [Theory]
    [InlineData("a+")]
    [InlineData("(a)(b)")]
    [InlineData("\\d")]
    [InlineData("a.*b")]
    public void SimplePattern_of_another_shape_is_not_parsed(string pattern) => Assert.Null(SimplePattern.TryParse(pattern));
}
