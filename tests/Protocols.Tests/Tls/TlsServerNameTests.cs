using System.Text;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Protocols.Tests.Tls;

public class TlsServerNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("localhost")]
    [InlineData("API.Example.COM")]
    [InlineData("_dmarc.x-y.example")]
    [InlineData("1.example")]
    [InlineData("xn--caf-dma.example")]
    [InlineData("1.2.3.4a")]
    [InlineData("0xg")]
    public void TlsServerName_name_is_accepted(string name) => Assert.Equal(ProtocolErrorCode.None, Check(name));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a.")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("*.example")]
    [InlineData("caf\u00e9.example")]
    [InlineData("a/b")]
    [InlineData("a:443")]
    [InlineData("[::1]")]
    [InlineData("::1")]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234.example")]
    public void TlsServerName_anything_else_is_refused(string name) => Assert.Equal(ProtocolErrorCode.TlsServerName, Check(name));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("127.0.0.0x1")]
    [InlineData("0x")]
    [InlineData("example.1")]
    public void TlsServerName_address_in_any_spelling_is_refused(string name) => Assert.Equal(ProtocolErrorCode.TlsServerNameAddress, Check(name));

    [Fact]
    public void TlsServerName_longest_name_has_253_bytes()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 62), 4)) + ".a";
        Assert.Equal((TlsServerName.MaxBytes, ProtocolErrorCode.None), (longest.Length, Check(longest)));
        Assert.Equal(ProtocolErrorCode.TlsServerName, Check(longest + "a"));
    }

    [Fact]
    public void TlsServerName_is_written_in_lower_case()
    {
        var destination = new char[9];
        Assert.Equal(9, TlsServerName.Write("A.Example"u8, destination));
        Assert.Equal("a.example", new string(destination));
        Assert.Equal(0, TlsServerName.Write("A.Example"u8, new char[8]));
    }

    private static ProtocolErrorCode Check(string name) => TlsServerName.Check(Encoding.Latin1.GetBytes(name));
}
