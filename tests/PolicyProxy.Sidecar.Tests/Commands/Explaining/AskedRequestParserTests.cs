using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Commands.Explaining;

namespace PolicyProxy.Sidecar.Tests.Commands.Explaining;

public sealed class AskedRequestParserTests
{
    [Theory]
    [InlineData("GET http://api:8080/a/../b?x=1", "GET", "api:8080", "/a/../b?x=1", 8080, "api")]
    [InlineData("GET http://api", "GET", "api", "/", 80, "api")]
    [InlineData("GET http://api?x", "GET", "api", "/?x", 80, "api")]
    [InlineData("POST https://api/x", "POST", "api", "/x", 443, "api")]
    [InlineData("GET http://[::1]:81/", "GET", "[::1]:81", "/", 81, "::1")]
    [InlineData("get api:1/%2e", "get", "api:1", "/%2e", 1, "api")]
    public void AskedRequestParser_url_is_taken_apart_without_being_tidied(string text, string method, string authority, string path, int port, string host)
    {
        var asked = AskedRequestParser.Parse(text, []);

        Assert.Equal(AskedKind.Http, asked.Kind);
        Assert.Equal((method, authority, path), (asked.Http!.Method.ToString(), asked.Http.Authority.ToString(), asked.Http.Path.ToString()));
        Assert.Equal((port, host), (asked.Port!.Value, asked.Host));
    }

    [Fact]
    public void AskedRequestParser_headers_of_one_name_are_joined_and_host_replaces_the_authority()
    {
        var http = AskedRequestParser.Parse("GET http://api/x", ["X-A: 1", "x-a: 2", "Host: other:81"]).Http!;

        Assert.True(http.HeaderEquals("x-a", "1,2"));
        Assert.True(http.HasHeader("x-a"));
        Assert.False(http.HasHeader("x-b"));
        Assert.Equal("other:81", http.Authority.ToString());
    }

    [Fact]
    public void AskedRequestParser_grpc_is_a_post_with_its_content_type()
    {
        var asked = AskedRequestParser.Parse("grpc shop.Cart/Add", []);

        Assert.Equal(("POST", "/shop.Cart/Add"), (asked.Http!.Method.ToString(), asked.Http.Path.ToString()));
        Assert.True(asked.Http.HeaderStartsWith("content-type", "application/grpc"));
        Assert.Null(asked.Port);
    }

    [Theory]
    [InlineData("dns www.example.com", 1)]
    [InlineData("dns aaaa www.example.com", 28)]
    [InlineData("dns 257 www.example.com", 257)]
    public void AskedRequestParser_dns_query_has_its_type(string text, int type)
    {
        var asked = AskedRequestParser.Parse(text, []);

        Assert.Equal((AskedKind.Dns, (ushort)type, "www.example.com"), (asked.Kind, asked.QueryType, asked.Name));
        Assert.Equal((TransportProtocol.Udp, (ushort)53), (asked.Protocol, asked.Port!.Value));
    }

    [Theory]
    [InlineData("connect udp 53", TransportProtocol.Udp, 53)]
    [InlineData("connect 5432", TransportProtocol.Tcp, 5432)]
    [InlineData("connect icmp 8", TransportProtocol.Icmp, 8)]
    public void AskedRequestParser_connection_has_protocol_and_port(string text, TransportProtocol protocol, int port)
    {
        var asked = AskedRequestParser.Parse(text, []);

        Assert.Equal((AskedKind.Connection, protocol, (ushort)port), (asked.Kind, asked.Protocol, asked.Port!.Value));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("GET ftp://x/")]
    [InlineData("connect tcp http")]
    [InlineData("connect quic 443")]
    [InlineData("dns WHAT www.example.com")]
    [InlineData("GET http://api:99999/")]
    [InlineData("a b c d")]
    [InlineData("")]
    public void AskedRequestParser_other_texts_are_refused(string text) =>
        Assert.Throws<CommandFailureException>(() => AskedRequestParser.Parse(text, []));
}
