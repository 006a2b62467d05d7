using PolicyProxy.Sidecar.Commands;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("[::1]:8080", "[::1]:8080")]
    [InlineData(":8080", "0.0.0.0:8080")]
    [InlineData("8080", "127.0.0.1:8080")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    public void ListenAddress_is_read(string text, string expected) => Assert.Equal(expected, ListenAddress.Parse(text).ToString());

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("host:8080")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("")]
    public void ListenAddress_without_address_or_port_is_refused(string text) =>
        Assert.Throws<CommandFailureException>(() => ListenAddress.Parse(text));

    [Theory]
    [InlineData("127.0.0.1:9000", "http://127.0.0.1:9000/")]
    [InlineData("http://api:9000", "http://api:9000/")]
    public void ListenAddress_upstream_is_read(string text, string expected) => Assert.Equal(expected, ListenAddress.ParseUpstream(text).ToString());

    [Theory]
    [InlineData("https://api:9000")]
    [InlineData("http://api/path")]
    [InlineData("http://user@api:1")]
    [InlineData("")]
    public void ListenAddress_upstream_that_is_no_plain_origin_is_refused(string text) =>
        Assert.Throws<CommandFailureException>(() => ListenAddress.ParseUpstream(text));
}
