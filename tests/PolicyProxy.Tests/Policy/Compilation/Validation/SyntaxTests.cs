using PolicyProxy.Policy.Compilation.Validation;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Tests.Policy.Compilation.Validation;

public sealed class SyntaxTests
{
    [Theory]
    [InlineData("80", 80)]
    [InlineData("0", 0)]
    [InlineData("00", 0)]
    [InlineData("010", 8)]
    [InlineData("65535", 65535)]
    [InlineData("8_0", 80)]
    [InlineData("0_10", 8)]
    [InlineData("0x00000000000050", 80)]
    public void PortSyntax_number_is_read_with_the_base_its_prefix_tells(string text, int number)
    {
        Assert.True(PortSyntax.TryParse(text, out var port));
        Assert.Equal(new PortName((ushort)number, null), port);
    }

    [Theory]
    [InlineData("http", "http")]
    [InlineData("Http-2", "http-2")]
    [InlineData("0x50", "0x50")]
    [InlineData("0o20", "0o20")]
    [InlineData("fifteen-chars-x", "fifteen-chars-x")]
    public void PortSyntax_service_name_is_lower_cased(string text, string name)
    {
        Assert.True(PortSyntax.TryParse(text, out var port));
        Assert.Equal(name, port.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+80")]
    [InlineData("65536")]
    [InlineData("09")]
    [InlineData("80.0")]
    [InlineData("_80")]
    [InlineData("80_")]
    [InlineData("8__0")]
    [InlineData("http--x")]
    [InlineData("-http")]
    [InlineData("http-")]
    [InlineData("sixteen-chars-xy")]
    [InlineData("99999999999999999999")]
    public void PortSyntax_anything_else_is_refused(string text) => Assert.False(PortSyntax.TryParse(text, out _));

    [Theory]
    [InlineData("app", "any", "app")]
    [InlineData("k8s:app", "k8s", "app")]
    [InlineData("k8s:ex.com/app", "k8s", "ex.com/app")]
    [InlineData("$host", "reserved", "host")]
    [InlineData("reserved:host", "reserved", "host")]
    [InlineData("cidr:10.0.0.0/8", "cidr", "10.0.0.0/8")]
    [InlineData("cidr:0--1/128", "cidr", "0--1/128")]
    public void LabelSyntax_key_splits_into_source_and_key(string text, string source, string key)
    {
        Assert.True(LabelSyntax.TryParseKey(text, out var parsed));
        Assert.Equal(new LabelKey(source, key), parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":app")]
    [InlineData("k8s:")]
    [InlineData("k8s:a:b")]
    [InlineData("k-s:a")]
    [InlineData("-a")]
    [InlineData("a b")]
    [InlineData("Ex.com/a")]
    [InlineData("/a")]
    [InlineData("a/b/c")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void LabelSyntax_malformed_key_is_refused(string text) => Assert.False(LabelSyntax.TryParseKey(text, out _));

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    [InlineData("::1/128", "::1/128")]
    [InlineData("2001:db8::ff/32", "2001:db8::/32")]
    [InlineData("1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7:8/128")]
    [InlineData("1:2:3:4:5:6:7::/128", "1:2:3:4:5:6:7:0/128")]
    [InlineData("::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104")]
    [InlineData("64:ff9b::192.0.2.1/128", "64:ff9b::c000:201/128")]
    public void CidrSyntax_prefix_is_read(string text, string masked)
    {
        Assert.True(CidrSyntax.TryParse(text, out var prefix));
        Assert.Equal(System.Net.IPNetwork.Parse(masked), prefix.ToIPNetwork());
    }

    [Theory]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0/8")]
    [InlineData("10.0.0.0.0/8")]
    [InlineData("010.0.0.0/8")]
    [InlineData("10.0.0.256/32")]
    [InlineData(" 10.0.0.0/8")]
    [InlineData("10.0.0.0/255.0.0.0")]
    [InlineData("::/129")]
    [InlineData(":::/64")]
    [InlineData("1::2::3/64")]
    [InlineData("1:2:3:4:5:6:7:8:9/64")]
    [InlineData("1:2:3:4:5:6:7::8/64")]
    [InlineData("12345::/64")]
    [InlineData("fe80::1%eth0/64")]
    [InlineData("[::1]/128")]
    [InlineData("1.2.3.4::/64")]
    [InlineData("::1.2.3/96")]
    [InlineData("1:/16")]
    public void CidrSyntax_lax_forms_are_refused(string text) => Assert.False(CidrSyntax.TryParse(text, out _));

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", true)]
    [InlineData("10.0.0.0/8", "10.0.0.0/7", false)]
    [InlineData("10.0.0.0/8", "11.0.0.0/16", false)]
    [InlineData("0.0.0.0/0", "203.0.113.0/24", true)]
    [InlineData("::/0", "10.0.0.0/8", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::/48", true)]
    public void CidrPrefix_contains_the_prefixes_inside_it(string outer, string inner, bool expected)
    {
        Assert.True(CidrSyntax.TryParse(outer, out var a) & CidrSyntax.TryParse(inner, out var b));

        Assert.Equal(expected, a.Contains(b));
    }

    [Theory]
    [InlineData("", TransportProtocol.Any)]
    [InlineData("any", TransportProtocol.Any)]
    [InlineData("tcp", TransportProtocol.Tcp)]
    [InlineData("UDP", TransportProtocol.Udp)]
    [InlineData("SCTP", TransportProtocol.Sctp)]
    public void TransportSyntax_protocol_is_read_in_any_case(string text, TransportProtocol expected)
    {
        Assert.True(TransportSyntax.TryParse(text, out var protocol));
        Assert.Equal(expected, protocol);
    }

    [Theory]
    [InlineData("API.Pay.Example.", "api.pay.example")]
    [InlineData("*", "*")]
    [InlineData("**", "*")]
    [InlineData("***.a", "**.a")]
    [InlineData("a.**.b", "a.*.b")]
    [InlineData("a**b", "a*b")]
    public void ServerNameSyntax_pattern_is_normalised(string text, string expected)
    {
        Assert.True(ServerNameSyntax.TryNormalise(text, out var pattern));
        Assert.Equal(expected, pattern);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a+b")]
    [InlineData("a b")]
    public void ServerNameSyntax_malformed_pattern_is_refused(string text) => Assert.False(ServerNameSyntax.TryNormalise(text, out _));

    [Theory]
    [InlineData("Produce", 0)]
    [InlineData("fetch", 1)]
    [InlineData("apiversions", 18)]
    [InlineData("alterconfigs", 33)]
    public void KafkaApiKeys_name_is_read_in_any_case(string name, int expected)
    {
        Assert.True(KafkaApiKeys.TryParse(name, out var key));
        Assert.Equal(expected, key);
    }

    [Fact]
    public void KafkaApiKeys_roles_stand_for_the_keys_of_the_reference()
    {
        Assert.True(KafkaApiKeys.TryParseRole("Produce", out var produce) & KafkaApiKeys.TryParseRole("consume", out var consume));
        Assert.Equal([0, 3, 18], KafkaApiKeys.ExpandRole(produce).Select(static k => (int)k));
        Assert.Equal([1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 18], KafkaApiKeys.ExpandRole(consume).Select(static k => (int)k));
        Assert.False(KafkaApiKeys.TryParseRole("admin", out _));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("+1", true)]
    [InlineData("32767", true)]
    [InlineData("32768", false)]
    [InlineData("-1", false)]
    [InlineData("1.0", false)]
    [InlineData(" 1", false)]
    public void KafkaRuleValidator_api_version_is_a_decimal_number(string text, bool expected) =>
        Assert.Equal(expected, KafkaRuleValidator.TryParseApiVersion(text, out _));

    [Theory]
    [InlineData("EchoReply", false, 0)]
    [InlineData("EchoReply", true, 129)]
    [InlineData("255", false, 255)]
    public void IcmpTypes_name_depends_on_the_family(string text, bool isIPv6, int expected)
    {
        Assert.True(IcmpTypes.TryParse(text, isIPv6, out var type));
        Assert.Equal(expected, type);
    }

    [Theory]
    [InlineData("a_b.test", true)]
    [InlineData("a..test", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("*.test", false)]
    public void DnsNameSyntax_name_characters(string text, bool expected) => Assert.Equal(expected, DnsNameSyntax.IsName(text));

    [Theory]
    [InlineData(" *.test ", 0, true)]
    [InlineData("a+b", 0, false)]
    [InlineData("", 255, true)]
    [InlineData("", 256, false)]
    public void DnsNameSyntax_pattern_characters_and_length(string text, int padding, bool expected) =>
        Assert.Equal(expected, DnsNameSyntax.IsPattern(text + new string('a', padding)));
}
