using System.Buffers;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Protocols.Tests.Http;

public class Http1RequestRefusalTests
{
    [Theory]
    [MemberData(nameof(Http1RefusalCases.RequestLines), MemberType = typeof(Http1RefusalCases))]
    public void Http1Request_bad_request_line_is_refused(string line, ProtocolErrorCode code) => AssertRefused(Http1Heads.Of(line, "Host: a"), code);

    [Theory]
    [MemberData(nameof(Http1RefusalCases.FieldLines), MemberType = typeof(Http1RefusalCases))]
    public void Http1Request_bad_field_line_is_refused(string line, ProtocolErrorCode code)
    {
        AssertRefused(Http1Heads.Of("POST / HTTP/1.1", "Host: a", line), code);
        AssertRefused(Http1Heads.Of("POST / HTTP/1.1", "Host: a", "Accept: */*", line, "X-Last: y"), code);
    }

    [Theory]
    [MemberData(nameof(Http1RefusalCases.Hosts), MemberType = typeof(Http1RefusalCases))]
    public void Http1Request_bad_host_is_refused(string host, ProtocolErrorCode code)
    {
        AssertRefused(Http1Heads.Of("GET / HTTP/1.1", "Host: " + host), code);
        AssertRefused(Http1Heads.Of("GET / HTTP/1.0", "Host: " + host), code);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1", "Accept: */*", ProtocolErrorCode.HttpHostMissing)]
    [InlineData("GET http://a/ HTTP/1.1", "Accept: */*", ProtocolErrorCode.HttpHostMissing)]
    [InlineData("POST / HTTP/1.0", "Transfer-Encoding: chunked", ProtocolErrorCode.HttpTransferEncodingVersion)]
    [InlineData("POST / HTTP/1.0", "Host: a\r\nTransfer-Encoding: chunked", ProtocolErrorCode.HttpTransferEncodingVersion)]
    [InlineData("POST / HTTP/1.0", "Host: a\r\nHost: a", ProtocolErrorCode.HttpHostRepeated)]
    [InlineData("GET http://b/ HTTP/1.0", "Host: a", ProtocolErrorCode.HttpHostMismatch)]
    public void Http1Request_field_that_the_version_does_not_allow_is_refused(string line, string fields, ProtocolErrorCode code) =>
        AssertRefused(Http1Heads.Of(line, fields), code);

    [Fact]
    public void Http1Request_longer_than_a_limit_is_refused()
    {
        AssertRefused(Http1Heads.Of("GET /" + new string('a', 8_192) + " HTTP/1.1", "Host: a"), ProtocolErrorCode.HttpTargetTooLong);
        AssertRefused(Http1Heads.Of("GET / HTTP/1.1", "Host: a", "X: " + new string('a', 65_536)), ProtocolErrorCode.HttpHeadTooLarge);
        AssertRefused(Http1Heads.Of("GET / HTTP/1.1", "Host: " + new string('a', 261)), ProtocolErrorCode.HttpHost);
        AssertRefused(Http1Heads.Of(["GET / HTTP/1.1", "Host: a", .. Enumerable.Repeat("X: y", 100)]), ProtocolErrorCode.HttpFieldCount);
        AssertRefused(Http1Heads.Of("POST / HTTP/1.1", "Host: a", "Content-Length: 11"), ProtocolErrorCode.HttpBodyTooLarge, new() { MaxBodyBytes = 10 });
    }

    [Fact]
    public void Http1Request_at_its_limits_is_accepted_with_the_scratch_they_promise()
    {
        var limits = HttpLimits.Default;
        var host = "a" + new string('b', limits.MaxAuthorityBytes - 1);
        var target = "/" + new string('c', limits.MaxTargetBytes - 1);
        var head = Http1Heads.Of([$"{new string('M', limits.MaxMethodBytes)} {target} HTTP/1.1", "Host: " + host, .. Enumerable.Repeat("X: y", limits.MaxHeaders - 1)]);
        Assert.True(Http1Request.TryParse(head, limits, new char[limits.MaxScratchChars], out var request, out _));
        Assert.Equal(target, request.Path);
        Assert.Equal(host, request.Authority);
    }

    [Fact]
    public void Http1Request_scratch_too_short_is_refused()
    {
        Assert.False(Http1Request.TryParse(Http1Heads.Of("GET / HTTP/1.1", "Host: a"), HttpLimits.Default, new char[4], out _, out var error));
        Assert.Equal(ProtocolErrorCode.TooLarge, error.Code);
    }

    private static void AssertRefused(byte[] head, ProtocolErrorCode code, HttpLimits? limits = null)
    {
        Assert.False(Http1Request.TryParse(head, limits ?? HttpLimits.Default, new char[16_384], out _, out var error));
        Assert.Equal(code, error.Code);
        Assert.InRange(error.Offset, 0, head.Length);
        Assert.InRange(HttpErrorStatus.Of(error.Code), 400, 505);

        // the scanner never waits for more when the head cannot be saved
        Assert.NotEqual(OperationStatus.NeedMoreData, new Http1HeadScanner(limits ?? HttpLimits.Default).Scan(head, out int _));
    }
}
