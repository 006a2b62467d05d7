using System.Text.RegularExpressions;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Tests.Identities;

public class FqdnPatternTests
{
    // semantics 6.1, the table of examples, and 10.5 rows 69 and 70
    [Theory]
    [InlineData("*.cilium.io", "www.cilium.io", true)]
    [InlineData("*.cilium.io", "cilium.io", false)]
    [InlineData("*.cilium.io", "a.b.cilium.io", false)]
    [InlineData("*.cilium.io", "www.cilium.io.evil", false)]
    [InlineData("*.cilium.io", "w/w.cilium.io", false)]
    [InlineData("*cilium.io", "cilium.io", true)]
    [InlineData("*cilium.io", "subcilium.io", true)]
    [InlineData("*cilium.io", "sub-cilium.io", true)]
    [InlineData("*cilium.io", "www.cilium.io", false)]
    [InlineData("sub*.cilium.io", "sub.cilium.io", true)]
    [InlineData("sub*.cilium.io", "subdomain.cilium.io", true)]
    [InlineData("sub*.cilium.io", "www.cilium.io", false)]
    [InlineData("sub*.cilium.io", "sub.a.cilium.io", false)]
    [InlineData("**.cilium.io", "app.cilium.io", true)]
    [InlineData("**.cilium.io", "test.app.cilium.io", true)]
    [InlineData("**.cilium.io", "cilium.io", false)]
    [InlineData("**.cilium.io", ".cilium.io", false)]
    [InlineData("**.cilium.io", "a..cilium.io", false)]
    [InlineData("***.cilium.io", "a.b.c.cilium.io", true)]
    [InlineData("**cilium.io", "subcilium.io", true)]
    [InlineData("**cilium.io", "www.cilium.io", false)]
    [InlineData("a.**.io", "a.b.io", true)]
    [InlineData("a.**.io", "a.b.c.io", false)]
    [InlineData("cilium.*", "cilium.io", true)]
    [InlineData("cilium.*", "cilium.co.uk", false)]
    [InlineData("**.a*.io", "x.y.abc.io", true)]
    [InlineData("**.a*.io", "abc.io", false)]
    [InlineData("a*b*c.io", "aXbYbZc.io", true)]
    [InlineData("a*b*c.io", "abbc.io", true)]
    [InlineData("a*b*c.io", "acb.io", false)]
    [InlineData("a*a.*", "aa.x", true)]
    [InlineData("*.*", "a.b", true)]
    [InlineData("*.*", "a", false)]
    [InlineData("cilium.io", "cilium.io", true)]
    [InlineData("cilium.io", "ciliumXio", false)]
    [InlineData(" CILIUM.io. ", "cilium.IO.", true)]
    public void FqdnPattern_pattern_covers_by_the_star_rules(string text, string name, bool expected)
    {
        foreach (var use in Enum.GetValues<FqdnPatternUse>())
        {
            Assert.True(FqdnPattern.TryParsePattern(text, use, out var pattern, out _));
            Assert.Equal(expected, pattern.Matches(name));
            Assert.Equal(expected, pattern.Matches(name.ToUpperInvariant()));
            Assert.Equal(expected, new FqdnPatternSet([pattern]).MatchesAny(name));
            Assert.Equal(expected, pattern.Matches(name.EndsWith('.') ? name : name + "."));
        }
    }

    // semantics 10.5 row 71
    [Theory]
    [InlineData("a.b", true, true)]
    [InlineData("a.b.", true, true)]
    [InlineData(".", true, true)]
    [InlineData("", true, true)]
    [InlineData("_x-1.y", true, true)]
    [InlineData("a..b", false, true)]
    [InlineData("a b.c", false, true)]
    [InlineData("\u212a.c", false, true)]
    [InlineData("a\\.", false, true)]
    public void FqdnPattern_stars_alone_cover_more_in_dns_rules(string name, bool toFqdns, bool dnsRule)
    {
        foreach (var text in (string[])["*", "**", "*.", "***."])
        {
            Assert.True(FqdnPattern.TryParsePattern(text, FqdnPatternUse.ToFqdns, out var peers, out _));
            Assert.True(FqdnPattern.TryParsePattern(text, FqdnPatternUse.DnsRule, out var queries, out _));
            Assert.Equal(toFqdns, peers.Matches(name));
            Assert.Equal(dnsRule, queries.Matches(name));
            Assert.Equal(toFqdns, new FqdnPatternSet([peers]).MatchesAny(name));
            Assert.Equal(dnsRule, new FqdnPatternSet([queries]).MatchesAny(name));
        }
    }

    [Theory]
    [InlineData("cilium.io", "CILIUM.io.", true)]
    [InlineData("cilium.io.", "cilium.io", true)]
    [InlineData("cilium.io", "www.cilium.io", false)]
    [InlineData("Api.PAY.example", "api.pay.example", true)]
    [InlineData("a..test", "a..test", true)]
    [InlineData(".", "", true)]
    [InlineData("k.test", "\u212a.test", false)]
    public void FqdnPattern_name_covers_itself(string text, string name, bool expected)
    {
        Assert.True(FqdnPattern.TryParseName(text, out var pattern, out var reason));
        Assert.Equal("", reason);
        Assert.Equal(expected, pattern.Matches(name));
        Assert.Equal(expected ? 0 : -1, new FqdnPatternSet([pattern]).IndexOfFirst(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a b.test")]
    [InlineData("a/b")]
    [InlineData("[a].test")]
    [InlineData("a+b")]
    [InlineData("é.test")]
    public void FqdnPattern_other_characters_are_refused_with_a_reason(string text)
    {
        Assert.False(FqdnPattern.TryParseName(text, out var name, out var nameReason));
        Assert.False(FqdnPattern.TryParsePattern(text, FqdnPatternUse.DnsRule, out var pattern, out var patternReason));
        Assert.Null(name);
        Assert.Null(pattern);
        Assert.NotEmpty(nameReason);
        Assert.NotEmpty(patternReason);
    }

    [Fact]
    public void FqdnPattern_star_in_a_name_is_refused() => Assert.False(FqdnPattern.TryParseName("*.a.test", out _, out _));

    [Fact]
    public void FqdnPattern_length_is_limited_after_trimming()
    {
        Assert.True(FqdnPattern.TryParsePattern("  " + new string('a', 255), FqdnPatternUse.ToFqdns, out _, out _));
        Assert.False(FqdnPattern.TryParsePattern(new string('a', 256), FqdnPatternUse.ToFqdns, out _, out var reason));
        Assert.Contains("255", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" *.Pay.Example. ", "*.pay.example")]
    [InlineData("***.x", "**.x")]
    [InlineData("a**b.x", "a*b.x")]
    [InlineData("**.", "*")]
    public void FqdnPattern_text_is_the_normal_form(string text, string expected)
    {
        Assert.True(FqdnPattern.TryParsePattern(text, FqdnPatternUse.ToFqdns, out var pattern, out _));
        Assert.Equal(expected, pattern.Text);
    }

    [Fact]
    public void FqdnPattern_matching_allocates_nothing()
    {
        FqdnPattern[] patterns =
        [
            .. ((string[])["a.test", "*.b.test", "**.c.test", "x*y*.d.test", "**.e*.test", "*"]).Select(text =>
                FqdnPattern.TryParsePattern(text, FqdnPatternUse.ToFqdns, out var pattern, out _) ? pattern : throw new ArgumentException(text)),
        ];
        var set = new FqdnPatternSet(patterns);
        Assert.Equal(3, set.IndexOfFirst("xAyB.D.test."));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            set.IndexOfFirst("q.w.e.r.t.y.");
            set.MatchesAny("xAyB.D.test.");
            patterns[3].Matches("xAyB.D.test.");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Labels of every length, names of more labels than are counted, and beside each a name that differs in one character.
    [Fact]
    public void FqdnPatternSet_finds_each_of_many_names_and_nothing_beside_them()
    {
        var names = Enumerable.Range(1, 63).Select(static length => $"{new string('a', length)}.{new string('b', 64 - length)}.test")
            .Concat(Enumerable.Range(2, 110).Select(static labels => string.Join('.', Enumerable.Repeat("c", labels))))
            .ToArray();
        var patterns = names.SelectMany(static name => (string[])[name, "*.x." + name, "**.y." + name])
            .Select(static text => FqdnPattern.TryParsePattern(text, FqdnPatternUse.DnsRule, out var pattern, out _) ? pattern : throw new ArgumentException(text))
            .ToArray();
        var set = new FqdnPatternSet(patterns);
        for (var i = 0; i < names.Length; i++)
        {
            Assert.Equal(3 * i, set.IndexOfFirst(names[i]));
            Assert.Equal((3 * i) + 1, set.IndexOfFirst("1.x." + names[i]));
            Assert.Equal((3 * i) + 2, set.IndexOfFirst("2.1.Y." + names[i]));
            Assert.Equal(-1, set.IndexOfFirst("2.1.x." + names[i]));
            Assert.Equal(-1, set.IndexOfFirst("y." + names[i]));
            for (var at = 0; at < names[i].Length; at++)
            {
                Assert.Equal(-1, set.IndexOfFirst($"{names[i][..at]}z{names[i][(at + 1)..]}"));
            }
        }
    }

    // Against a direct translation of semantics 6.1 into a regular expression.
    [Fact]
    public void FqdnPattern_random_patterns_agree_with_the_regular_expression()
    {
        var random = new Random(4711);
        var hits = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var texts = Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomNames.Pattern(random)).ToArray();
            var use = random.Next(2) == 0 ? FqdnPatternUse.ToFqdns : FqdnPatternUse.DnsRule;
            var regexes = texts.Select(text => Translate(text, use)).ToArray();
            var patterns = texts.Select(text => FqdnPattern.TryParsePattern(text, use, out var pattern, out _) ? pattern : throw new ArgumentException(text)).ToArray();
            var set = new FqdnPatternSet(patterns);
            for (var j = 0; j < 20; j++)
            {
                var name = RandomNames.Name(random);
                var qualified = name.EndsWith('.') ? name : name + ".";
                var expected = Array.FindIndex(regexes, regex => regex.IsMatch(qualified));
                Assert.True(expected == Array.FindIndex(patterns, pattern => pattern.Matches(name)), $"{string.Join(' ', texts)} : {name}");
                Assert.True(expected == set.IndexOfFirst(name), $"{string.Join(' ', texts)} : {name}");
                hits += expected >= 0 ? 1 : 0;
            }
        }

        Assert.InRange(hits, 5_000, 55_000);
    }

    private static Regex Translate(string text, FqdnPatternUse use)
    {
        const string D = "[-a-zA-Z0-9_]";
        var pattern = text.Trim().ToLowerInvariant();
        if (Regex.IsMatch(pattern, @"^\*+\.?$"))
        {
            return new Regex(use == FqdnPatternUse.DnsRule ? "" : $@"^(?:(?:{D}+\.)+|\.)\z", RegexOptions.CultureInvariant);
        }

        pattern = pattern.EndsWith('.') ? pattern : pattern + ".";
        var expression = Regex.Replace(pattern, @"^\*\*+\.|\*+|\.", match => match.Value switch
        {
            "." => @"\.",
            [.., '.'] => $@"{D}+(?:\.{D}+)*\.",
            _ => $"{D}*",
        });
        return new Regex($@"^(?:{expression})\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }
}
