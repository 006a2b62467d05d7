using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsQueryTypeTests
{
    [Theory]
    [InlineData("A", 1)]
    [InlineData("aaaa", 28)]
    [InlineData("TXT", 16)]
    [InlineData("NULL", 10)]
    [InlineData("SRV", 33)]
    [InlineData("HTTPS", 65)]
    [InlineData("SVCB", 64)]
    [InlineData("ANY", 255)]
    [InlineData("CAA", 257)]
    [InlineData("TYPE65280", 65280)]
    [InlineData("type1", 1)]
    public void DnsQueryType_name_gives_its_number(string name, int number)
    {
        Assert.True(DnsQueryType.TryParse(name, out var parsed));
        Assert.Equal(number, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAA")]
    [InlineData("TYPE")]
    [InlineData("TYPE65536")]
    [InlineData("TYPE-1")]
    [InlineData("TYPE 1")]
    [InlineData("1")]
    public void DnsQueryType_unknown_name_is_refused(string name) => Assert.False(DnsQueryType.TryParse(name, out _));

    [Fact]
    public void DnsQueryType_every_number_round_trips_through_its_name()
    {
        for (var number = 1; number <= ushort.MaxValue; number++)
        {
            Assert.True(DnsQueryType.TryParse(DnsQueryType.NameOf((ushort)number), out var parsed));
            Assert.Equal(number, parsed);
        }
    }
}
