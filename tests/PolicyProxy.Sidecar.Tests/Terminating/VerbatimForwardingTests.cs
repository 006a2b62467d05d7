using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>The upstream receives what the client sent: policy judged those bytes.</summary>
public sealed class VerbatimForwardingTests
{
    public static TheoryData<string> Targets =>
        ["/", "/a%2Fb", "/a%2fb", "//x", "/a/../b", "/a/./b", "/%7Efoo", "/?q=%20", "/?q=a+b&&r=//..", "/a;x=1/b", "/a\\b", "/a|b\"<>^`{}", "/%41%ff"];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Target_arrives_as_sent_over_http1(string target)
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await OpenSidecar.StartAsync(upstream);

        var response = await RawHttpConnection.SendAsync(sidecar.Addresses[0], $"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal($"GET {target} HTTP/1.1\nhost: x", response.Body);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Target_arrives_as_sent_over_http2(string target)
    {
        await using var upstream = await EchoUpstream.StartAsync(HttpProtocols.Http2);
        await using var sidecar = await OpenSidecar.StartAsync(upstream);
        using var client = OpenSidecar.Http2Client();
        using var request = OpenSidecar.Http2Request(sidecar.Addresses[0], target);
        request.Headers.Host = "Shop.example:81";

        using var response = await client.SendAsync(request, CancellationToken.None);

        Assert.Equal($"GET {target} HTTP/2\nhost: Shop.example:81", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Header_fields_arrive_as_sent_and_none_is_added()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await OpenSidecar.StartAsync(upstream);

        var response = await RawHttpConnection.SendAsync(
            sidecar.Addresses[0],
            "GET / HTTP/1.1\r\nHost: Shop.Example:81\r\nUser-Agent: a  b\r\nX-Forwarded-For: 9.9.9.9\r\nX-Empty:\r\nCookie: a=b; c\r\n"
            + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");

        Assert.Equal(
            [
                "GET / HTTP/1.1", "cookie: a=b; c", "host: Shop.Example:81",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "user-agent: a  b", "x-empty: ", "x-forwarded-for: 9.9.9.9",
            ],
            response.Body.Split('\n'));
    }

    [Fact]
    public async Task Wish_for_http2_is_taken_out_and_nothing_else()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await OpenSidecar.StartAsync(upstream);

        var response = await RawHttpConnection.SendAsync(
            sidecar.Addresses[0],
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, keep-alive , HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nA: b\r\n\r\n");

        Assert.Equal("GET / HTTP/1.1\na: b\nconnection: keep-alive\nhost: x", response.Body);
    }

    [Fact]
    public async Task Absolute_form_arrives_as_sent()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await OpenSidecar.StartAsync(upstream);

        var response = await RawHttpConnection.SendAsync(sidecar.Addresses[0], "GET http://shop/a?q=1 HTTP/1.1\r\nHost: shop\r\n\r\n");

        Assert.Equal("GET http://shop/a?q=1 HTTP/1.1\nhost: shop", response.Body);
    }

    [Fact]
    public async Task Response_streams_while_the_upstream_still_writes_it()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await OpenSidecar.StartAsync(upstream);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        using var response = await client.GetAsync(
            new Uri($"http://{sidecar.Addresses[0]}/stream"), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var first = new byte[6];
        await body.ReadExactlyAsync(first);
        upstream.Release();
        using var rest = new StreamReader(body);

        Assert.Equal("first,"u8.ToArray(), first);
        Assert.Equal("last", await rest.ReadToEndAsync());
    }

    [Fact]
    public async Task Body_larger_than_a_web_servers_default_limit_passes()
    {
        const int Size = 40 * 1024 * 1024; // Kestrel refuses bodies from 30 MB unless told otherwise
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await OpenSidecar.StartAsync(upstream);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var content = new ByteArrayContent(new byte[Size]);

        using var response = await client.PostAsync(new Uri($"http://{sidecar.Addresses[0]}/upload"), content);

        Assert.Equal($"{Size} bytes", await response.Content.ReadAsStringAsync());
    }
}
