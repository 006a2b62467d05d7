using System.Text;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsEdnsTests
{
    [Fact]
    public void DnsEdns_fields_are_those_of_the_opt_record()
    {
        byte[] bytes = DnsBytes.Response(flags: 0x8187).Question("a").Edns(flags: 0x12_01_8000, payload: 4096);
        Assert.True(DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out _));
        Assert.Equal((4096, 1, true), (message.Edns.UdpPayloadBytes, message.Edns.Version, message.Edns.DnssecOk));
        Assert.Equal((DnsResponseCode)0x127, message.ResponseCode);
    }

    [Fact]
    public void DnsEdns_absent_record_says_512_bytes()
    {
        Assert.True(DnsMessage.TryParse(DnsBytes.Ask("a"), DnsLimits.Default, out var message, out _));
        Assert.False(message.HasEdns);
        Assert.Equal((512, 0, false), (message.Edns.UdpPayloadBytes, message.Edns.Version, message.Edns.DnssecOk));
        Assert.False(message.Edns.Options.MoveNext());
    }

    [Theory]
    [InlineData("0008 0007 0001 18 00 C63364", 24, 3, false)]
    [InlineData("0008 0004 0001 00 00", 0, 0, false)]
    [InlineData("0008 000B 0002 38 00 20010DB8000001", 56, 7, true)]
    [InlineData("0008 0005 0001 01 20 80", 1, 1, false)]
    public void DnsOption_client_subnet_is_read(string option, int prefix, int bytes, bool isIPv6)
    {
        Assert.True(First(option).TryReadClientSubnet(out var subnet));
        Assert.Equal((prefix, bytes, isIPv6), (subnet.SourcePrefixLength, subnet.Address.Length, subnet.IsIPv6));
    }

    // RFC 7871 §6
    [Theory]
    [InlineData("0008 0003 0001 18")]
    [InlineData("0008 0006 0001 18 00 C633")]
    [InlineData("0008 0008 0001 18 00 C6336400")]
    [InlineData("0008 0009 0001 21 00 C633640000")]
    [InlineData("0008 0007 0003 18 00 C63364")]
    [InlineData("0008 0007 0001 18 21 C63364")]
    [InlineData("000A 0007 0001 18 00 C63364")]
    public void DnsOption_malformed_client_subnet_is_none(string option) => Assert.False(First(option).TryReadClientSubnet(out _));

    // RFC 8914 §2
    [Theory]
    [InlineData("000F 0002 000F", true, 15, "")]
    [InlineData("000F 0006 0012 6E6F7065", true, 18, "nope")]
    [InlineData("000F 0001 00", false, 0, "")]
    [InlineData("000A 0002 000F", false, 0, "")]
    public void DnsOption_extended_error_is_read(string option, bool isRead, int code, string text)
    {
        Assert.Equal(isRead, First(option).TryReadExtendedError(out var infoCode, out var bytes));
        Assert.Equal((code, text), (infoCode, Encoding.UTF8.GetString(bytes)));
    }

    private static DnsOption First(string option)
    {
        byte[] bytes = DnsBytes.Response().Question("a").Edns(option);
        Assert.True(DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out var error), error.ToString());
        var options = message.Edns.Options;
        Assert.True(options.MoveNext());
        return options.Current;
    }
}
