using PolicyProxy.Enforcement.AspNetCore;

namespace PolicyProxy.Tests.Enforcement.AspNetCore;

public sealed class RequestTargetTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("//x", "//x")]
    [InlineData("/a%2Fb?q=http://c", "/a%2Fb?q=http://c")]
    public void Parse_origin_form_is_the_path_as_received(string target, string path)
    {
        var parsed = RequestTarget.Parse(target);

        Assert.True(parsed.HasPath);
        Assert.False(parsed.HasAuthority);
        Assert.Equal(path, parsed.Path.ToString());
    }

    [Theory]
    [InlineData("http://Host:81/a?b", "Host:81", "/a?b")]
    [InlineData("HTTPS://host/", "host", "/")]
    [InlineData("http://host", "host", "/")]
    [InlineData("http://host?q=/", "host", "/?q=/")]
    [InlineData("http://[::1]:80//a", "[::1]:80", "//a")]
    public void Parse_absolute_form_is_cut_into_authority_and_path(string target, string authority, string path)
    {
        var parsed = RequestTarget.Parse(target);

        Assert.True(parsed is { HasPath: true, HasAuthority: true });
        Assert.Equal((authority, path), (parsed.Authority.ToString(), parsed.Path.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("host:443")]
    [InlineData("ftp://host/")]
    [InlineData("http:/a")]
    [InlineData("http://")]
    [InlineData("http:///a")]
    [InlineData("http://user@host/")]
    [InlineData("http://host#/a")]
    [InlineData("http://host\\a")]
    public void Parse_anything_else_has_no_path_to_forward(string target)
    {
        var parsed = RequestTarget.Parse(target);

        Assert.False(parsed.HasPath);
        Assert.Equal(target, parsed.Path.ToString());
    }
}
