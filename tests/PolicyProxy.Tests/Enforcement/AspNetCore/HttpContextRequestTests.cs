using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using PolicyProxy.Enforcement.AspNetCore;

namespace PolicyProxy.Tests.Enforcement.AspNetCore;

public sealed class HttpContextRequestTests
{
    [Fact]
    public void Path_is_the_raw_target_and_never_the_decoded_path()
    {
        var context = Context("/a%2Fb/../c");
        context.Request.Path = "/decoded";

        Assert.Equal("/a%2Fb/../c", new HttpContextRequest(context).Path.ToString());
    }

    [Fact]
    public void Authority_of_absolute_form_wins_over_the_host_field()
    {
        var context = Context("http://one:81/x");
        context.Request.Headers.Host = "two";
        var request = new HttpContextRequest(context);

        Assert.Equal(("one:81", "/x"), (request.Authority.ToString(), request.Path.ToString()));
    }

    [Theory]
    [InlineData("a", true, "a")]
    [InlineData("", true, "")]
    [InlineData("a,b", true, "a", "b")]
    [InlineData("a,,b", true, "a", "", "b")]
    [InlineData(",", true, "", "")]
    [InlineData("a,b,", false, "a", "b")]
    [InlineData("a", false, "a", "b")]
    [InlineData("ab", false, "a", "b")]
    [InlineData("A", false, "a")]
    [InlineData("a;b", false, "a", "b")]
    public void HeaderEquals_compares_all_lines_joined_with_a_comma(string expected, bool equal, params string[] lines)
    {
        var context = Context("/");
        context.Request.Headers["X-Team"] = new StringValues(lines);
        var request = new HttpContextRequest(context);

        Assert.Equal(equal, request.HeaderEquals("x-team", expected));
        Assert.Equal(equal, string.Join(',', lines) == expected);
    }

    [Fact]
    public void HasHeader_is_true_for_an_empty_value_and_for_pseudo_headers()
    {
        var context = Context("/");
        context.Request.Headers["X-Empty"] = string.Empty;
        var request = new HttpContextRequest(context);

        Assert.True(request.HasHeader("x-empty"));
        Assert.True(request.HasHeader(":path"));
        Assert.False(request.HasHeader(":authority"));
        Assert.False(request.HasHeader("x-other"));
        Assert.True(request.HeaderEquals(":scheme", "http"));
        Assert.True(request.HeaderStartsWith(":path", "/"));
    }

    [Theory]
    [InlineData("websocket", "GET")]
    [InlineData("connect-udp", "CONNECT")]
    [InlineData(null, "CONNECT")]
    public void Method_of_an_extended_connect_for_websockets_is_the_GET_it_stands_for(string? protocol, string method)
    {
        var context = Context("/chat");
        context.Request.Method = "CONNECT";
        context.Features.Set<IHttpExtendedConnectFeature>(new ExtendedConnect(protocol));

        Assert.Equal(method, new HttpContextRequest(context).Method.ToString());
    }

    private static DefaultHttpContext Context(string target)
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "http";
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        return context;
    }

    private sealed record ExtendedConnect(string? Protocol) : IHttpExtendedConnectFeature
    {
        public bool IsExtendedConnect => Protocol is not null;

        public ValueTask<Stream> AcceptAsync() => throw new NotSupportedException();
    }
}
