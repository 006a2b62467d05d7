using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Tests.Policy.Re2;

public sealed class Re2PatternTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/api/v1/.*")]
    [InlineData("a|b||")]
    [InlineData("()|(?:)|(?i)|(?P<n_1>x)(?<n>y)(?P<n>z)")]
    [InlineData("(?ims-U:a)(?-s)(?i-m:b)")]
    [InlineData(@"\a\f\n\r\t\v\123\0\00\x7F\x{10FFFF}\x{D800}\_\-\/")]
    [InlineData(@"\Q.*(\E\Qopen")]
    [InlineData(@"\d\D\s\S\w\W\b\B\A\z^$")]
    [InlineData(@"[]a][^]a][a-][-a][\d-z][[:alpha:]-z][[:^alpha:]][[:word:][:xdigit:]][[:x]")]
    [InlineData(@"\pN\PL\p{Greek}\P{Greek}\p{^Lu}[\p{Han}\PZ]\p{Any}")]
    [InlineData("a*?b+?c??d{2}?e{2,}?f{2,3}?")]
    [InlineData("x{,2}x{02}x{2,1x{x{1")]
    [InlineData("a{1000}(a{31}){32}(a{1000}){0}((a{1000})*)+")]
    [InlineData(@"a*\Q\E*a(?i)*^*$+\b?")]
    [InlineData("[^\\x00-\\x{10FFFF}]")]
    public void Pattern_in_RE2_syntax_is_accepted(string pattern)
    {
        Assert.True(Re2Pattern.TryParse(pattern, out var result, out var error), error.Message);
        Assert.Equal(pattern, result.Text);
    }

    // Expected messages are those of Go's regexp/syntax; the position is where the quoted part begins.
    [Theory]
    [InlineData("ab(c", 2, "missing closing ): `(c`")]
    [InlineData("(?:a(b)", 0, "missing closing ): `(?:a(b)`")]
    [InlineData("a)b", 1, "unexpected ): `)`")]
    [InlineData("x[a-z", 1, "missing closing ]: `[a-z`")]
    [InlineData("[]", 0, "missing closing ]: `[]`")]
    [InlineData("[a-", 0, "missing closing ]: `[a-`")]
    [InlineData("a[z-a]", 2, "invalid character class range: `z-a`")]
    [InlineData("[[:foo:]]", 1, "invalid character class range: `[:foo:]`")]
    [InlineData(@"a\p{Foo}", 1, @"invalid character class range: `\p{Foo}`")]
    [InlineData(@"\p{greek}", 0, @"invalid character class range: `\p{greek}`")]
    [InlineData(@"\pX", 0, @"invalid character class range: `\pX`")]
    [InlineData(@"\p{L", 0, @"invalid character class range: `\p{L`")]
    [InlineData("*a", 0, "missing argument to repetition operator: `*`")]
    [InlineData("a|+?", 2, "missing argument to repetition operator: `+?`")]
    [InlineData("(?i)?", 4, "missing argument to repetition operator: `?`")]
    [InlineData("({2})", 1, "missing argument to repetition operator: `{2}`")]
    [InlineData("a**", 1, "invalid nested repetition operator: `**`")]
    [InlineData("a*?+", 1, "invalid nested repetition operator: `*?+`")]
    [InlineData("a{2}{3}", 1, "invalid nested repetition operator: `{2}{3}`")]
    [InlineData("a{1001}", 1, "invalid repeat count: `{1001}`")]
    [InlineData("a{1,1001}", 1, "invalid repeat count: `{1,1001}`")]
    [InlineData("a{3,2}", 1, "invalid repeat count: `{3,2}`")]
    [InlineData("a{99999999999999}", 1, "invalid repeat count: `{99999999999999}`")]
    [InlineData("(a{1000}){1000}", 9, "invalid repeat count: `{1000}`")]
    [InlineData("((a{10}){10}){11}", 13, "invalid repeat count: `{11}`")]
    [InlineData(@"ab\", 2, @"trailing backslash at end of expression: `\`")]
    [InlineData(@"a\1", 1, @"invalid escape sequence: `\1`")]
    [InlineData(@"\8", 0, @"invalid escape sequence: `\8`")]
    [InlineData(@"a\Z", 1, @"invalid escape sequence: `\Z`")]
    [InlineData(@"\C", 0, @"invalid escape sequence: `\C`")]
    [InlineData(@"\E", 0, @"invalid escape sequence: `\E`")]
    [InlineData(@"\é", 0, @"invalid escape sequence: `\é`")]
    [InlineData(@"\x4g", 0, @"invalid escape sequence: `\x4g`")]
    [InlineData(@"\x{110000}", 0, @"invalid escape sequence: `\x{110000`")]
    [InlineData(@"[a-\d]", 3, @"invalid escape sequence: `\d`")]
    [InlineData("a(?=b)", 1, "invalid or unsupported Perl syntax: `(?=`")]
    [InlineData("(?!b)", 0, "invalid or unsupported Perl syntax: `(?!`")]
    [InlineData("(?<=b)", 0, "invalid named capture: `(?<=b)`")]
    [InlineData("(?<!b>c)", 0, "invalid named capture: `(?<!b>`")]
    [InlineData("(?>a)", 0, "invalid or unsupported Perl syntax: `(?>`")]
    [InlineData("(?P=n)", 0, "invalid or unsupported Perl syntax: `(?P`")]
    [InlineData("(?P<n", 0, "invalid named capture: `(?P<n`")]
    [InlineData("(?P<>a)", 0, "invalid named capture: `(?P<>`")]
    [InlineData("(?P<x y>a)", 0, "invalid named capture: `(?P<x y>`")]
    [InlineData("(?i-:a)", 0, "invalid or unsupported Perl syntax: `(?i-:`")]
    [InlineData("(?x)", 0, "invalid or unsupported Perl syntax: `(?x`")]
    public void Pattern_outside_RE2_syntax_is_refused_with_its_place(string pattern, int position, string message)
    {
        Assert.False(Re2Pattern.TryParse(pattern, out var result, out var error));
        Assert.Null(result);
        Assert.Equal(new Re2Error(message, position), error);
    }

    [Fact]
    public void Pattern_with_a_lone_surrogate_is_refused()
    {
        Assert.False(Re2Pattern.TryParse("a\ud800b", out _, out var error));
        Assert.Equal(1, error.Position);
        Assert.StartsWith("invalid UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_up_to_1000_is_accepted_and_deeper_is_refused()
    {
        Assert.True(Re2Pattern.TryParse(Nested(999), out var deep, out _));
        Assert.Equal([0], Re2Set.Compile([deep]).Match("x").ToArray());
        Assert.False(Re2Pattern.TryParse(Nested(1000), out _, out var error));
        Assert.StartsWith("expression nests too deeply", error.Message, StringComparison.Ordinal);

        static string Nested(int depth) => new string('(', depth) + "x" + new string(')', depth);
    }

    [Fact]
    public void Pattern_larger_than_the_instruction_limit_of_Go_is_refused()
    {
        var pattern = string.Concat(Enumerable.Repeat("(xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx){1000}", 100));
        Assert.False(Re2Pattern.TryParse(pattern, out _, out var error));
        Assert.StartsWith("expression too large", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("/public", "/public")]
    [InlineData("^/public$", "/public")]
    [InlineData(@"\A(?:/(a)\.b)\z", "/a.b")]
    [InlineData(@"\Q[x]\E\x{1F600}", "[x]😀")]
    [InlineData("(?m:^a$)", "a")]
    [InlineData("[a]b", "ab")]
    public void Literal_pattern_says_its_string(string pattern, string literal)
    {
        Assert.Equal(literal, Parse(pattern).Literal);
        Assert.Equal([0], Re2Set.Compile([Parse(pattern)]).Match(literal).ToArray());
    }

    [Theory]
    [InlineData("a.")]
    [InlineData("(?i)a")]
    [InlineData("a|b")]
    [InlineData(@"a\b")]
    [InlineData("a$b")]
    [InlineData(@"\x{D800}")]
    public void Pattern_that_is_not_one_string_has_no_literal(string pattern) => Assert.Null(Parse(pattern).Literal);

    [Theory]
    [InlineData("/api/v1/.*", "/api/v1/")]
    [InlineData("^/api(/.*)$", "/api/")]
    [InlineData(".*", "")]
    [InlineData("(.*?)", "")]
    public void Prefix_pattern_says_its_prefix(string pattern, string prefix)
    {
        Assert.Equal(prefix, Parse(pattern).LiteralPrefix);
        Assert.Equal(prefix.Length == 0, Parse(pattern).MatchesEverything);
    }

    [Theory]
    [InlineData("/api/.+")]
    [InlineData("(?s)/api/.*")]
    [InlineData("/api.*x")]
    [InlineData("/(.*)*")]
    [InlineData("/api")]
    public void Pattern_that_is_not_a_plain_prefix_has_none(string pattern)
    {
        Assert.Null(Parse(pattern).LiteralPrefix);
        Assert.False(Parse(pattern).MatchesEverything);
    }

    private static Re2Pattern Parse(string pattern) =>
        Re2Pattern.TryParse(pattern, out var result, out var error) ? result : throw new ArgumentException(error.Message, nameof(pattern));
}
