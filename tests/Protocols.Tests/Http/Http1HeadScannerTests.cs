using System.Buffers;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Http;

public class Http1HeadScannerTests : FrameScannerLaws<Http1HeadScanner>
{
    protected override IReadOnlyList<byte[]> Messages { get; } = [.. Http1Heads.Requests, .. Http1Heads.Responses, Http1Heads.Bytes("x\r\n\r\n")];

    protected override Http1HeadScanner Create() => new(HttpLimits.Default);

    [Theory]
    [InlineData("\r\nGET / HTTP/1.1\r\n\r\n", ProtocolErrorCode.HttpRequestLine, 0)]
    [InlineData("\nGET / HTTP/1.1\r\n\r\n", ProtocolErrorCode.HttpBareLineFeed, 0)]
    [InlineData(" GET / HTTP/1.1\r\n\r\n", ProtocolErrorCode.HttpRequestLine, 0)]
    [InlineData("\0", ProtocolErrorCode.HttpControlByte, 0)]
    [InlineData("\x16\x03\x01", ProtocolErrorCode.HttpControlByte, 0)] // TLS hello
    [InlineData("GET / HTTP/1.1\n", ProtocolErrorCode.HttpBareLineFeed, 14)]
    [InlineData("GET / HTTP/1.1\r\r", ProtocolErrorCode.HttpBareCarriageReturn, 15)]
    [InlineData("GET / HTTP/1.1\rX", ProtocolErrorCode.HttpBareCarriageReturn, 15)]
    [InlineData("GET / HTTP/1.1\r\n\n", ProtocolErrorCode.HttpBareLineFeed, 16)]
    [InlineData("GET / HTTP/1.1\r\n\rX", ProtocolErrorCode.HttpBareCarriageReturn, 17)]
    [InlineData("GET / HTTP/1.1\r\n X: y", ProtocolErrorCode.HttpLineFolding, 16)]
    [InlineData("GET / HTTP/1.1\r\nX: y\r\n\tz", ProtocolErrorCode.HttpLineFolding, 22)]
    [InlineData("GET / HTTP/1.1\r\nX: \0", ProtocolErrorCode.HttpControlByte, 19)]
    [InlineData("GET / HTTP/1.1\r\nX: \x7F", ProtocolErrorCode.HttpControlByte, 19)]
    public void Http1HeadScanner_byte_that_no_head_holds_is_refused_where_it_stands(string text, ProtocolErrorCode code, int offset)
    {
        var bytes = Http1Heads.Bytes(text);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var scanner = Create();
            scanner.Scan(bytes.AsSpan(0, cut), out int _);
            Assert.Equal(OperationStatus.InvalidData, scanner.Scan(bytes, out int length));
            Assert.Equal(0, length);
            Assert.Equal(new ProtocolError(code, offset), scanner.Error);
            Assert.Equal(OperationStatus.InvalidData, scanner.Scan(Http1Heads.Requests[0], out int _));
        }
    }

    [Theory]
    [InlineData(18, OperationStatus.Done)]
    [InlineData(17, OperationStatus.InvalidData)]
    [InlineData(4, OperationStatus.InvalidData)]
    [InlineData(0, OperationStatus.InvalidData)]
    public void Http1HeadScanner_limit_counts_the_whole_head(int maxHeadBytes, OperationStatus status)
    {
        var scanner = new Http1HeadScanner(new() { MaxHeadBytes = maxHeadBytes });
        Assert.Equal(status, scanner.Scan("GET / HTTP/1.1\r\n\r\nGET"u8, out int _));
        Assert.Equal(status == OperationStatus.Done ? ProtocolErrorCode.None : ProtocolErrorCode.HttpHeadTooLarge, scanner.Error.Code);
    }

    [Fact]
    public void Http1HeadScanner_full_buffer_without_an_end_is_refused_before_more_is_awaited()
    {
        var scanner = new Http1HeadScanner(new() { MaxHeadBytes = 16 });
        Assert.Equal(OperationStatus.InvalidData, scanner.Scan("GET / HTTP/1.1\r\n"u8, out int _));
        Assert.Equal(ProtocolErrorCode.HttpHeadTooLarge, scanner.Error.Code);
    }

    [Fact]
    public void Http1HeadScanner_default_value_has_the_default_limits()
    {
        Http1HeadScanner scanner = default;
        Assert.Equal(OperationStatus.NeedMoreData, scanner.Scan(Http1Heads.Bytes(new string('a', 65_535)), out int _));
        Assert.Equal(OperationStatus.InvalidData, scanner.Scan(Http1Heads.Bytes(new string('a', 65_536)), out int _));
    }
}
