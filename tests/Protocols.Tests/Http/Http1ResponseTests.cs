using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Protocols.Tests.Http;

public class Http1ResponseTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5", Http1ResponseTo.Other, Http1BodyKind.Length, 5, true)]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 0", Http1ResponseTo.Other, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", Http1ResponseTo.Other, Http1BodyKind.Chunked, 0, true)]
    [InlineData("HTTP/1.1 200 OK", "X: y", Http1ResponseTo.Other, Http1BodyKind.UntilClose, 0, false)]
    [InlineData("HTTP/1.1 200 OK", "Connection: keep-alive", Http1ResponseTo.Other, Http1BodyKind.UntilClose, 0, false)]
    [InlineData("HTTP/1.1 200 OK", "Connection: close\r\nContent-Length: 1", Http1ResponseTo.Other, Http1BodyKind.Length, 1, false)]
    [InlineData("HTTP/1.0 200 OK", "Content-Length: 1", Http1ResponseTo.Other, Http1BodyKind.Length, 1, false)]
    [InlineData("HTTP/1.0 200 OK", "Content-Length: 1\r\nConnection: keep-alive", Http1ResponseTo.Other, Http1BodyKind.Length, 1, true)]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5", Http1ResponseTo.Head, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", Http1ResponseTo.Head, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 200 OK", "X: y", Http1ResponseTo.Head, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 204 No Content", "X: y", Http1ResponseTo.Other, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 204 No Content", "Content-Length: 0", Http1ResponseTo.Other, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 304 Not Modified", "Content-Length: 99", Http1ResponseTo.Other, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 304 Not Modified", "Transfer-Encoding: chunked", Http1ResponseTo.Other, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 100 Continue", "X: y", Http1ResponseTo.Other, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 103 Early Hints", "Link: </a>", Http1ResponseTo.Other, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", Http1ResponseTo.Other, Http1BodyKind.None, 0, false)]
    [InlineData("HTTP/1.1 200 OK", "X: y", Http1ResponseTo.Connect, Http1BodyKind.None, 0, false)]
    [InlineData("HTTP/1.1 407 Auth", "Content-Length: 3", Http1ResponseTo.Connect, Http1BodyKind.Length, 3, true)]
    [InlineData("HTTP/1.1 502 Bad", "X: y", Http1ResponseTo.Connect, Http1BodyKind.UntilClose, 0, false)]
    [InlineData("HTTP/1.1 205 Reset", "Content-Length: 0", Http1ResponseTo.Other, Http1BodyKind.None, 0, true)]
    [InlineData("HTTP/1.1 999 Odd", "Content-Length: 2", Http1ResponseTo.Other, Http1BodyKind.Length, 2, true)]
    public void Http1Response_body_is_framed_by_request_status_and_fields(
        string line, string fields, Http1ResponseTo to, Http1BodyKind kind, long length, bool keepAlive)
    {
        Assert.True(Http1Response.TryParse(Http1Heads.Of(line, fields), to, HttpLimits.Default, out var response, out var error), error.ToString());
        Assert.Equal(kind, response.BodyKind);
        Assert.Equal(length, response.ContentLength);
        Assert.Equal(keepAlive, response.KeepAlive);
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue", Http1ResponseTo.Other, true, false)]
    [InlineData("HTTP/1.1 103 Early Hints", Http1ResponseTo.Other, true, false)]
    [InlineData("HTTP/1.1 101 Switching", Http1ResponseTo.Other, false, true)]
    [InlineData("HTTP/1.1 200 OK", Http1ResponseTo.Connect, false, true)]
    [InlineData("HTTP/1.1 299 OK", Http1ResponseTo.Connect, false, true)]
    [InlineData("HTTP/1.1 300 No", Http1ResponseTo.Connect, false, false)]
    [InlineData("HTTP/1.1 200 OK", Http1ResponseTo.Other, false, false)]
    public void Http1Response_interim_and_tunnel_are_told_apart(string line, Http1ResponseTo to, bool interim, bool tunnel)
    {
        Assert.True(Http1Response.TryParse(Http1Heads.Of(line), to, HttpLimits.Default, out var response, out _));
        Assert.Equal(interim, response.IsInterim);
        Assert.Equal(tunnel, response.StartsTunnel);
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not  Found \xE9", 404, "Not  Found \xE9")]
    [InlineData("HTTP/1.1 200 ", 200, "")]
    [InlineData("HTTP/1.0 200", 200, "")]
    public void Http1Response_status_and_reason_are_read(string line, int status, string reason)
    {
        Assert.True(Http1Response.TryParse(Http1Heads.Of(line), Http1ResponseTo.Other, HttpLimits.Default, out var response, out _));
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(Http1Heads.Bytes(reason), response.Reason);
        Assert.Equal(line[7] == '0', response.IsVersion10);
    }

    [Theory]
    [InlineData("", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/1.1", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/1.1 ", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/1.1 20", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/1.1 2000 OK", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/1.1 099 Low", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/1.1 -20 OK", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/1.1 2x0 OK", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/1.1  200 OK", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/1.1\t200 OK", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData(" HTTP/1.1 200 OK", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("http/1.1 200 OK", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("ICY 200 OK", "X: y", ProtocolErrorCode.HttpStatusLine)]
    [InlineData("HTTP/2.0 200 OK", "X: y", ProtocolErrorCode.HttpVersion)]
    [InlineData("HTTP/1.2 200 OK", "X: y", ProtocolErrorCode.HttpVersion)]
    [InlineData("HTTP/1.1 200 O\0K", "X: y", ProtocolErrorCode.HttpControlByte)]
    [InlineData("HTTP/1.1 200 OK\nX: y", "X: y", ProtocolErrorCode.HttpBareLineFeed)]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5\r\nTransfer-Encoding: chunked", ProtocolErrorCode.HttpFramingConflict)]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5\r\nContent-Length: 5", ProtocolErrorCode.HttpContentLengthRepeated)]
    [InlineData("HTTP/1.1 200 OK", "Content-Length: 5, 5", ProtocolErrorCode.HttpContentLength)]
    [InlineData("HTTP/1.1 200 OK", "Content-Length:", ProtocolErrorCode.HttpContentLength)]
    [InlineData("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked", ProtocolErrorCode.HttpTransferEncoding)]
    [InlineData("HTTP/1.1 200 OK", "Transfer-Encoding: identity", ProtocolErrorCode.HttpTransferEncoding)]
    [InlineData("HTTP/1.0 200 OK", "Transfer-Encoding: chunked", ProtocolErrorCode.HttpTransferEncodingVersion)]
    [InlineData("HTTP/1.1 200 OK", "X : y", ProtocolErrorCode.HttpFieldNameSpace)]
    [InlineData("HTTP/1.1 200 OK", "X: y\r\n z", ProtocolErrorCode.HttpLineFolding)]
    [InlineData("HTTP/1.1 200 OK", ": y", ProtocolErrorCode.HttpFieldName)]
    [InlineData("HTTP/1.1 204 No", "Content-Length: 5", ProtocolErrorCode.HttpBodyForbidden)]
    [InlineData("HTTP/1.1 204 No", "Transfer-Encoding: chunked", ProtocolErrorCode.HttpBodyForbidden)]
    [InlineData("HTTP/1.1 100 Continue", "Content-Length: 5", ProtocolErrorCode.HttpBodyForbidden)]
    [InlineData("HTTP/1.1 101 Up", "Transfer-Encoding: chunked", ProtocolErrorCode.HttpBodyForbidden)]
    public void Http1Response_bad_head_is_refused(string line, string fields, ProtocolErrorCode code)
    {
        Assert.False(Http1Response.TryParse(Http1Heads.Of(line, fields), Http1ResponseTo.Other, HttpLimits.Default, out _, out var error));
        Assert.Equal(code, error.Code);
    }

    [Theory]
    [InlineData("Content-Length: 5")]
    [InlineData("Transfer-Encoding: chunked")]
    public void Http1Response_tunnel_with_a_body_is_refused(string field)
    {
        Assert.False(Http1Response.TryParse(Http1Heads.Of("HTTP/1.1 200 OK", field), Http1ResponseTo.Connect, HttpLimits.Default, out _, out var error));
        Assert.Equal(ProtocolErrorCode.HttpBodyForbidden, error.Code);
    }

    [Fact]
    public void Http1Response_longer_than_the_limit_is_refused()
    {
        Assert.False(Http1Response.TryParse(Http1Heads.Of("HTTP/1.1 200 OK"), Http1ResponseTo.Other, new() { MaxHeadBytes = 18 }, out _, out var error));
        Assert.Equal(ProtocolErrorCode.HttpHeadTooLarge, error.Code);
    }
}
