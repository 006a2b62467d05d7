using PolicyProxy.Sidecar.Commands;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("chek", "check")]
    [InlineData("expalin", "explain")]
    [InlineData("DEMO", null)]
    [InlineData("kubectl", null)]
    [InlineData("", null)]
    public void Suggestion_is_the_nearest_word_or_none(string word, string? expected) =>
        Assert.Equal(expected, Suggestion.For(word, ["check", "explain", "demo"]));
}
