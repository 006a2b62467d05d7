using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsNameTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData(".", "")]
    [InlineData("API.Pay.Example.", "api.pay.example")]
    [InlineData("api.pay.example", "api.pay.example")]
    [InlineData("A\\.", "a\\.")]
    [InlineData("A\\\\.", "a\\\\")]
    [InlineData("_Svc._TCP.x", "_svc._tcp.x")]
    public void DnsName_normal_form_is_lower_case_without_final_dot(string name, string expected)
    {
        Span<char> destination = stackalloc char[DnsName.MaxPresentationChars];
        Assert.True(DnsName.TryNormalize(name, destination, out var written));
        Assert.Equal(expected, destination[..written].ToString());
    }

    [Theory]
    [InlineData("é.example")]
    [InlineData("\u212a.example")]
    public void DnsName_outside_ascii_has_no_normal_form(string name) =>
        Assert.False(DnsName.TryNormalize(name, new char[64], out _));

    [Theory]
    [InlineData("A.b.", "a.B", true)]
    [InlineData("", ".", true)]
    [InlineData("a.b", "a.c", false)]
    [InlineData("a\\.", "a", false)]
    [InlineData("\u212a", "k", false)]
    public void DnsName_equality_ignores_ascii_case_and_final_dot(string left, string right, bool expected) =>
        Assert.Equal(expected, DnsName.Equals(left, right));

    [Fact]
    public void DnsName_length_limits_are_those_of_the_wire()
    {
        var label = new string('a', 63);
        var longest = string.Join('.', label, label, label, new string('a', 61));
        Assert.Equal(ProtocolErrorCode.None, DnsName.CheckLength(longest + ".").Code);
        Assert.Equal(ProtocolErrorCode.DnsName, DnsName.CheckLength(longest + "a").Code);
        Assert.Equal(new ProtocolError(ProtocolErrorCode.DnsLabel, 2), DnsName.CheckLength("x." + label + "a.y"));
        Assert.Equal(ProtocolErrorCode.None, DnsName.CheckLength("").Code);
    }
}
