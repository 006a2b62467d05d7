using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Tests.Policy.Yaml;

public sealed class YamlScalarResolverTests
{
    [Theory]
    [InlineData("y", "Boolean", "true")]
    [InlineData("Off", "Boolean", "false")]
    [InlineData("yEs", "Text", "yEs")]
    [InlineData("~", "Null", "null")]
    [InlineData("80", "Integer", "80")]
    [InlineData("+80", "Integer", "80")]
    [InlineData("-1", "Integer", "-1")]
    [InlineData("0x50", "Integer", "80")]
    [InlineData("010", "Integer", "8")]
    [InlineData("0o10", "Integer", "8")]
    [InlineData("0b11", "Integer", "3")]
    [InlineData("1_000", "Integer", "1000")]
    [InlineData("80.0", "Integer", "80")]
    [InlineData("09", "Integer", "9")]
    [InlineData("1.5", "Float", "1.5")]
    [InlineData("1e+3", "Integer", "1000")]
    [InlineData("1e3", "Integer", "1000")]
    [InlineData("1e", "Text", "1e")]
    [InlineData("1e400", "Text", "1e400")]
    [InlineData("2_000.5", "Float", "2000.5")]
    [InlineData(".5", "Float", "0.5")]
    [InlineData("1.", "Integer", "1")]
    [InlineData("-", "Text", "-")]
    [InlineData(".", "Text", ".")]
    [InlineData("-a", "Text", "-a")]
    [InlineData("10.0.0.0/8", "Text", "10.0.0.0/8")]
    [InlineData("1.2.3", "Text", "1.2.3")]
    [InlineData("12:30", "Text", "12:30")]
    [InlineData("2001-01-01", "Text", "2001-01-01")]
    [InlineData("18446744073709551615", "Integer", "18446744073709551615")]
    public void YamlScalarResolver_plain_scalar_has_the_type_Kubernetes_gives_it(string text, string kind, string json)
    {
        var resolved = YamlScalarResolver.Resolve(text);

        Assert.Equal((Enum.Parse<YamlValueKind>(kind), json), resolved);
    }
}
