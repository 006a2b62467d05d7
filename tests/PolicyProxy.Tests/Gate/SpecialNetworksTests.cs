using System.Net;
using PolicyProxy.Gate;

namespace PolicyProxy.Tests.Gate;

public sealed class SpecialNetworksTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.255.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("127.8.0.1")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:0a00:0001::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Special_address_has_a_network(string address) => Assert.NotNull(SpecialNetworks.Of(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("100.128.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("203.0.113.7")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::1.1.1.1")]
    [InlineData("2002:0101:0101::1")]
    [InlineData("2606:4700::1111")]
    public void Public_address_has_none(string address) => Assert.Null(SpecialNetworks.Of(IPAddress.Parse(address)));
}
