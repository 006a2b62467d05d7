using System.Text.RegularExpressions;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Tests.Identities;

namespace PolicyProxy.Tests.Snapshot;

public class ServerNamePatternTests
{
    // semantics 8.1, the table of examples, and 10.5 row 84
    [Theory]
    [InlineData("*.example.com", "foo.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "a.b.example.com", false)]
    [InlineData("**.example.com", "foo.example.com", true)]
    [InlineData("**.example.com", "a.b.example.com", true)]
    [InlineData("**.example.com", "example.com", false)]
    [InlineData("****.example.com", "a.b.example.com", true)]
    [InlineData("*example.com", "example.com", true)]
    [InlineData("*example.com", "notexample.com", true)]
    [InlineData("*example.com", "www.example.com", false)]
    [InlineData("**example.com", "www.example.com", false)]
    [InlineData("sub.*.com", "sub.foo.com", true)]
    [InlineData("sub.*.com", "sub.com", false)]
    [InlineData("sub.**.com", "sub.a.b.com", false)]
    [InlineData("*", "localhost", true)]
    [InlineData("*", "a.b", true)]
    [InlineData("*", "", false)]
    [InlineData("*", "a.b.", false)]
    [InlineData("*", "a b", false)]
    [InlineData("**", "a.b", true)]
    [InlineData("*.", "a.b", true)]
    [InlineData("API.Pay.Example", "api.pay.example", true)]
    [InlineData("api.pay.example.", "api.pay.example", true)]
    [InlineData("api.pay.example", "api.pay.example.", false)]
    [InlineData("*.pay.example", "api.pay.example.", false)]
    [InlineData("k.example", "\u212a.example", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    public void ServerNamePattern_covers_as_the_filter_does(string text, string serverName, bool expected)
    {
        Assert.True(ServerNamePattern.TryParse(text, out var pattern, out var reason), reason);
        Assert.Equal(expected, pattern.Matches(serverName));
        Assert.Equal(expected, pattern.Matches(serverName.ToUpperInvariant()));
        Assert.Equal(expected, new ServerNamePatternSet([pattern]).MatchesAny(serverName));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(".", "is empty")]
    [InlineData("a..", "ends with more than one dot")]
    [InlineData("a..b", "has an empty part between dots")]
    [InlineData(".a", "has an empty part between dots")]
    [InlineData("a b", "has the character ' '; allowed are letters, digits, '-', '_', '.' and '*'")]
    [InlineData("[a].com", "has the character '['; allowed are letters, digits, '-', '_', '.' and '*'")]
    [InlineData("a+.com", "has the character '+'; allowed are letters, digits, '-', '_', '.' and '*'")]
    [InlineData("a:443", "has the character ':'; allowed are letters, digits, '-', '_', '.' and '*'")]
    [InlineData("é.com", "has the character 'é'; allowed are letters, digits, '-', '_', '.' and '*'")]
    public void ServerNamePattern_that_the_filter_rejects_has_a_reason(string text, string expected)
    {
        Assert.False(ServerNamePattern.TryParse(text, out var pattern, out var reason));
        Assert.Null(pattern);
        Assert.Equal(expected, reason);
    }

    [Theory]
    [InlineData("***.X.", "**.x")]
    [InlineData("a**b.**.x", "a*b.*.x")]
    [InlineData("**", "*")]
    public void ServerNamePattern_text_is_what_the_filter_sees(string text, string expected)
    {
        Assert.True(ServerNamePattern.TryParse(text, out var pattern, out _));
        Assert.Equal(expected, pattern.Text);
    }

    // Against a direct translation of semantics 8.1 into a regular expression.
    [Fact]
    public void ServerNamePattern_random_patterns_agree_with_the_regular_expression()
    {
        const string D = "[-a-zA-Z0-9_]";
        var random = new Random(8);
        var parsed = 0;
        for (var i = 0; i < 6_000; i++)
        {
            var text = RandomNames.Pattern(random);
            var folded = text.EndsWith('.') ? text[..^1] : text;
            folded = Regex.Replace(folded, @"(?<=.)\*+|^\*+(?!\.)|^\*(?=\.)", "*");
            folded = Regex.Replace(folded, @"^\*\*+\.", "**.");
            var valid = folded.Length > 0 && folded.Split('.').All(part => part.Length > 0);
            Assert.True(valid == ServerNamePattern.TryParse(text, out var pattern, out _), text);
            if (pattern is null)
            {
                continue;
            }

            parsed++;
            var expression = folded == "*" ? $@"{D}+(\.{D}+)*" : Regex.Replace(folded, @"\*\*|\*|\.", match => match.Value switch
            {
                "." => @"\.",
                "**" => $@"{D}+(\.{D}+)*",
                _ => $"{D}*",
            });
            var regex = new Regex($@"^(?:{expression})\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
            for (var j = 0; j < 20; j++)
            {
                var name = RandomNames.Name(random);
                Assert.True(regex.IsMatch(name) == pattern.Matches(name), $"{text} : {name}");
                Assert.Equal(pattern.Matches(name), new ServerNamePatternSet([pattern]).MatchesAny(name));
            }
        }

        Assert.InRange(parsed, 1_000, 5_900);
    }
}
