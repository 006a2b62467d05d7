using PolicyProxy.Policy;
using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Tests.Policy.Yaml;

public sealed class YamlLimitsTests
{
    [Fact]
    public void YamlStreamParser_alias_bomb_is_refused_without_expanding_it()
    {
        var bomb = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 60).Select(static i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"));

        var reading = ReadingHarness.Read(bomb);

        Assert.Equal(PolicyDiagnosticIds.LimitExceeded, Assert.Single(reading.Diagnostics).Id);
        Assert.True(Assert.Single(reading.Items).Rejected);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void YamlStreamParser_deep_nesting_is_refused(string level)
    {
        var reading = ReadingHarness.Read(string.Concat(Enumerable.Repeat(level, 5000)));

        Assert.Equal(PolicyDiagnosticIds.LimitExceeded, Assert.Single(reading.Diagnostics).Id);
    }

    [Fact]
    public void YamlStreamParser_aliases_count_towards_the_depth()
    {
        var text = "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 70).Select(static i => $"a{i}: &a{i} [*a{i - 1}]\n"));

        Assert.Contains("nesting is deeper than 64 levels", Assert.Single(ReadingHarness.Read(text).Diagnostics).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void YamlStreamParser_text_longer_than_the_limit_is_refused()
    {
        var reading = ReadingHarness.Read("a: 0123456789", PolicyReadOptions.Default with { MaxTextLength = 12 });

        Assert.Equal("the text has 13 characters, at most 12 are read", Assert.Single(reading.Diagnostics).Message);
    }

    [Fact]
    public void YamlStreamParser_alias_of_its_own_ancestor_is_refused()
    {
        Assert.Contains(ReadingHarness.Read("a: &a [*a]\n").Diagnostics, static d => d.Id == PolicyDiagnosticIds.UnsupportedYaml);
    }

    [Fact]
    public void YamlStreamParser_anchors_do_not_reach_into_the_next_document()
    {
        Assert.Contains(ReadingHarness.Read("a: &a x\n---\nb: *a\n").Diagnostics, static d => d.Id == PolicyDiagnosticIds.UnsupportedYaml);
    }
}
