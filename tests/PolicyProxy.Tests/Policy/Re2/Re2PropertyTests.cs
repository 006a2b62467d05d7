using System.Text;
using System.Text.RegularExpressions;
using PolicyProxy.Policy.Re2;
using Xunit.Abstractions;

namespace PolicyProxy.Tests.Policy.Re2;

public sealed class Re2PropertyTests(ITestOutputHelper output)
{
    private const int InputsPerPattern = 8;

    private readonly int _seed = Report(output, Random.Shared.Next());

    [Fact]
    public void Match_agrees_with_the_runtime_on_the_common_subset()
    {
        var generator = PatternGenerator.Common(_seed);
        var matches = 0;
        for (var i = 0; i < 2_500; i++)
        {
            var text = generator.Pattern();
            var set = Re2TestSets.Compile(text);
            var regex = new Regex($@"\A(?:{text})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            for (var j = 0; j < InputsPerPattern; j++)
            {
                var input = generator.Input();
                var expected = regex.IsMatch(input);
                Assert.True(expected == (set.Match(input).Length == 1), $"seed {_seed}: `{text}` on `{input}`, expected {expected}");
                matches += expected ? 1 : 0;
            }
        }

        Assert.True(matches > 500, $"only {matches} matches say little");
    }

    [Fact]
    public void Match_agrees_with_the_naive_matcher_in_chars_bytes_and_without_cache()
    {
        var generator = PatternGenerator.Full(_seed);
        for (var i = 0; i < 1_500; i++)
        {
            var pattern = Re2TestSets.Parse(generator.Pattern());
            var set = Re2Set.Compile(pattern);
            var uncached = Re2Set.Compile(pattern, new Re2Limits { MaxCacheBytes = 0 });
            for (var j = 0; j < InputsPerPattern; j++)
            {
                var input = generator.Input();
                var expected = NaiveMatcher.IsMatch(pattern[0].Root, input);
                var actual = (set.Match(input).Length == 1, set.Match(Encoding.UTF8.GetBytes(input)).Length == 1, uncached.Match(input).Length == 1);
                Assert.True((expected, expected, expected) == actual, $"seed {_seed}: `{pattern[0].Text}` on `{input}`: {expected}, {actual}");
            }
        }
    }

    [Theory]
    [InlineData(2, 16 << 20)]
    [InlineData(40, 16 << 20)]
    [InlineData(40, 200_000)]
    [InlineData(40, 20_000)]
    [InlineData(40, 0)]
    public void Set_agrees_with_its_patterns_one_by_one_whatever_the_cache_size(int patterns, int cacheBytes)
    {
        var generator = PatternGenerator.Full(_seed);
        for (var round = 0; round < 10; round++)
        {
            var parsed = Re2TestSets.Parse(Enumerable.Range(0, patterns).Select(_ => generator.Pattern()));
            var set = Re2Set.Compile(parsed, new Re2Limits { MaxCacheBytes = cacheBytes });
            for (var i = 0; i < 100; i++)
            {
                var input = generator.Input();
                int[] expected = [.. Enumerable.Range(0, patterns).Where(p => NaiveMatcher.IsMatch(parsed[p].Root, input))];
                Assert.True(expected.AsSpan().SequenceEqual(set.Match(input)), $"seed {_seed}, round {round}: `{input}`");
            }
        }
    }

    [Fact]
    public void Literal_and_prefix_agree_with_the_set()
    {
        var generator = new PatternGenerator(_seed, ["a", "b", "^", "$", ".*", "", "(?i:a)", @"\b"], ["a", "b", "A", "\n"]);
        for (var i = 0; i < 2_000; i++)
        {
            var pattern = Re2TestSets.Parse(generator.Pattern(2))[0];
            var input = generator.Input();
            var isMatch = Re2Set.Compile([pattern]).Match(input).Length == 1;
            if (pattern.Literal is { } literal)
            {
                Assert.True(isMatch == (literal == input), $"seed {_seed}: `{pattern.Text}` on `{input}`");
            }

            if (pattern.LiteralPrefix is { } prefix)
            {
                var hasPrefix = input.StartsWith(prefix, StringComparison.Ordinal) && !input.AsSpan(prefix.Length).Contains('\n');
                Assert.True(isMatch == hasPrefix, $"seed {_seed}: `{pattern.Text}` on `{input}`");
            }
        }
    }

    private static int Report(ITestOutputHelper output, int seed)
    {
        output.WriteLine($"seed {seed}");
        return seed;
    }
}
