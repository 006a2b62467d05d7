using System.Text;
using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Tests.Policy.Re2;

public sealed class Re2SetTests
{
    [Theory]
    [InlineData("/public", "/public", true)]
    [InlineData("/public", "/public/", false)]
    [InlineData("/public", "x/public", false)]
    [InlineData("/a|/b", "/a", true)]
    [InlineData("/a|/b", "/a/b", false)]
    [InlineData("a$", "a\n", false)]
    [InlineData("(?m)a$\nb", "a\nb", true)]
    [InlineData("(?m)a\n^b", "a\nb", true)]
    [InlineData("a\n^b", "a\nb", false)]
    [InlineData("a.b", "a\nb", false)]
    [InlineData("(?s)a.b", "a\nb", true)]
    [InlineData("a.b", "a日b", true)]
    [InlineData("a.b", "a\U0001F600b", true)]
    [InlineData("a..b", "a\U0001F600b", false)]
    [InlineData("get", "GET", false)]
    [InlineData("(?i)get", "GeT", true)]
    [InlineData("(?i)k", "\u212a", true)]
    [InlineData("(?i)ſ", "S", true)]
    [InlineData("(?i)σ", "ς", true)]
    [InlineData("(?i)ß", "ẞ", true)]
    [InlineData("(?i)i", "İ", false)]
    [InlineData("(?i)[^k]", "\u212a", false)]
    [InlineData(@"\w", "é", false)]
    [InlineData(@"\d", "٣", false)]
    [InlineData(@"\pN", "٣", true)]
    [InlineData(@"\p{Greek}+", "αβγ", true)]
    [InlineData(@"\p{Greek}+", "αбγ", false)]
    [InlineData(@"\P{Greek}", "б", true)]
    [InlineData(@"a\b-b", "a-b", true)]
    [InlineData(@"a\bb", "ab", false)]
    [InlineData(@"a\Bb", "ab", true)]
    [InlineData(@"\b", "", false)]
    [InlineData(@"\B", "", true)]
    [InlineData(@"\bé", "é", false)]
    [InlineData("a{2,3}", "aaaa", false)]
    [InlineData("a{2,3}", "aaa", true)]
    [InlineData("(a{0}|b){2}", "b", true)]
    [InlineData("(|a)*b", "aab", true)]
    [InlineData("(a*)*", "aaa", true)]
    [InlineData(@"(?:\b|x)*y", "xy", true)]
    public void Set_of_one_matches_the_whole_input_only(string pattern, string input, bool expected)
    {
        var set = Re2TestSets.Compile(pattern);
        Assert.Equal(expected ? [0] : [], set.Match(input).ToArray());
        Assert.Equal(expected ? [0] : [], set.Match(input).ToArray());
    }

    [Fact]
    public void Lone_surrogate_matches_nothing()
    {
        // Not theory data: test runners pass those on as UTF-8, which has no lone surrogates.
        foreach (var cacheBytes in (int[])[0, 1 << 20])
        {
            var set = Re2Set.Compile(Re2TestSets.Parse("a.*", @"a?[\x{D800}-\x{DFFF}]b?", @"(?s)\PL*.*"), new Re2Limits { MaxCacheBytes = cacheBytes });
            Assert.Empty(set.Match("a\ud800b").ToArray());
            Assert.Empty(set.Match("a\udc00").ToArray());
            Assert.Empty(set.Match("\ud800").ToArray());
            Assert.Equal([0, 2], set.Match("a\ud83d\ude00").ToArray());
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xE6, 0x97 })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xFF })]
    public void Malformed_UTF8_matches_nothing(byte[] input)
    {
        var set = Re2TestSets.Compile("(?s).*", @"[\x00-\x{10FFFF}]+", @"\PL*");
        Assert.Empty(set.Match(input).ToArray());
    }

    [Fact]
    public void Set_reports_every_pattern_that_matches_in_ascending_order()
    {
        var set = Re2TestSets.Compile("/b.*", "/a", ".*", "/b/c", "/b/.|/a", "/a", "/b/(c|d)");
        Assert.Equal([1, 2, 4, 5], set.Match("/a").ToArray());
        Assert.Equal([0, 2, 3, 4, 6], set.Match("/b/c"u8).ToArray());
        Assert.Equal([2], set.Match("").ToArray());
        Assert.Empty(Re2Set.Compile([]).Match("x").ToArray());
        Assert.Empty(Re2Set.Compile([]).Match("").ToArray());
    }

    [Fact]
    public void Patterns_with_the_same_ending_share_its_code()
    {
        var one = Re2TestSets.Compile(Re2TestSets.Services(1));
        var many = Re2TestSets.Compile(Re2TestSets.Services(1000));
        Assert.True(many.ProgramLength < one.ProgramLength + 3500, $"{one.ProgramLength} -> {many.ProgramLength}");
        foreach (var i in (int[])[0, 1, 10, 100, 999])
        {
            Assert.Equal([i], many.Match($"/svc{i}/users/{i}/orders/x").ToArray());
            Assert.Empty(many.Match($"/svc{i}/users/x/orders").ToArray());
        }
    }

    [Fact]
    public void Set_larger_than_its_limit_is_refused_by_name_of_the_pattern()
    {
        var patterns = Re2TestSets.Parse("a{100}", "b{500}", "c{500}");
        Assert.False(Re2Set.TryCompile(patterns, new Re2Limits { MaxInstructions = 1500 }, out var set, out var tooLarge));
        Assert.Null(set);
        Assert.Equal(2, tooLarge);
        Assert.Throws<ArgumentException>(() => Re2Set.Compile(patterns, new Re2Limits { MaxInstructions = 1500 }));
    }

    [Fact]
    public void Warm_match_allocates_nothing()
    {
        var set = Re2TestSets.Compile([.. Re2TestSets.Services(100), "/é+", ".*/x", "(?m:^a$)"]);
        string[] inputs = ["/svc7/users/42/orders/1", "/éé", "/nothing", "/svc99/users/1/orders", "a", "/x"];
        var utf8 = inputs.Select(Encoding.UTF8.GetBytes).ToArray();
        Run();
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var matches = Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10, matches);

        int Run()
        {
            var total = 0;
            for (var i = 0; i < inputs.Length; i++)
            {
                total += set.Match(inputs[i]).Length + set.Match(utf8[i]).Length;
            }

            return total;
        }
    }

    [Theory]
    [InlineData("(a+)+b")]
    [InlineData("(a|aa)+b")]
    [InlineData("(a*)*(a*)*b")]
    [InlineData("(.*a){30}b")]
    [InlineData("(a?){500}a{500}b")]
    public void Pattern_that_blows_up_a_backtracker_is_linear_here(string pattern)
    {
        // A backtracker would not finish; thread simulation and automaton both have to.
        var input = new string('a', 100_000);
        Assert.Empty(Re2TestSets.Compile(pattern).Match(input).ToArray());
        Assert.Empty(Re2Set.Compile(Re2TestSets.Parse(pattern), new Re2Limits { MaxCacheBytes = 0 }).Match(input.AsSpan(0, 5_000)).ToArray());
    }
}
