using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Tests.Identities;

/// <summary>Names of real messages against patterns: no byte of a label may read as a dot, a letter or the end of the name.</summary>
public class WireNameTests
{
    private static readonly string[] s_patterns =
        ["name:www.bank.example", "name:bank.example", "fqdn:*.bank.example", "fqdn:**.bank.example", "fqdn:www.bank.*", "fqdn:*bank.example", "fqdn:*", "dns:**.example"];

    // labels as hexadecimal
    [Theory]
    [InlineData("7777772E62616E6B 6578616D706C65")] // www.bank as one label
    [InlineData("7777772E62616E6B2E6578616D706C65")]
    [InlineData("777777 62616E6B 6578616D706C652E")] // a dot behind example
    [InlineData("777777 62616E6B 6578616D706C6500")]
    [InlineData("77777700 62616E6B 6578616D706C65")]
    [InlineData("772E77 62616E6B 6578616D706C65")]
    [InlineData("77775C 62616E6B 6578616D706C65")]
    [InlineData("7777772A 62616E6B 6578616D706C65")] // a star
    [InlineData("7777F7 62616E6B 6578616D706C65")]
    [InlineData("777777 62616E6BC3A9 6578616D706C65")]
    [InlineData("777777 62616E6B20 6578616D706C65")]
    public void Name_with_a_byte_that_is_no_letter_is_covered_by_no_pattern_but_the_star(string labels)
    {
        var name = Name(labels);
        Assert.All(s_patterns, pattern => Assert.False(Pattern(pattern).Matches(name), $"{pattern} covers {name}"));
        Assert.Equal(-1, new FqdnPatternSet(s_patterns.Select(Pattern)).IndexOfFirst(name));
        Assert.True(Pattern("dns:*").Matches(name));
    }

    [Fact]
    public void Name_of_letters_is_covered_in_any_case()
    {
        var name = Name("577777 42614E4B 4578616D706C45");
        Assert.Equal("Www.BaNK.ExamplE", name);
        Assert.True(Pattern("name:www.bank.example").Matches(name));
        Assert.Equal(0, new FqdnPatternSet(s_patterns.Select(Pattern)).IndexOfFirst(name));
    }

    private static string Name(string labels)
    {
        List<byte> message = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        foreach (var label in labels.Split(' ').Select(Convert.FromHexString))
        {
            message.AddRange([(byte)label.Length, .. label]);
        }

        message.AddRange([0, 0, 1, 0, 1]);
        Assert.True(DnsQuery.TryParse(message.ToArray(), DnsLimits.Default, new char[DnsName.MaxPresentationChars], out var query, out var error), error.ToString());
        return query.Name.ToString();
    }

    private static FqdnPattern Pattern(string text)
    {
        FqdnPattern? pattern;
        string reason;
        var isRead = text.StartsWith("name:", StringComparison.Ordinal)
            ? FqdnPattern.TryParseName(text[5..], out pattern, out reason)
            : FqdnPattern.TryParsePattern(text[(text.IndexOf(':') + 1)..], text[0] == 'd' ? FqdnPatternUse.DnsRule : FqdnPatternUse.ToFqdns, out pattern, out reason);
        Assert.True(isRead, reason);
        return pattern!;
    }
}
