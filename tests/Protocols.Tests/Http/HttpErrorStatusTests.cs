using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Protocols.Tests.Http;

public class HttpErrorStatusTests
{
    [Theory]
    [InlineData(ProtocolErrorCode.HttpHeadTooLarge, 431)]
    [InlineData(ProtocolErrorCode.HttpFieldCount, 431)]
    [InlineData(ProtocolErrorCode.HttpTrailerTooLarge, 431)]
    [InlineData(ProtocolErrorCode.HttpTargetTooLong, 414)]
    [InlineData(ProtocolErrorCode.HttpBodyTooLarge, 413)]
    [InlineData(ProtocolErrorCode.HttpChunkSizeOverflow, 413)]
    [InlineData(ProtocolErrorCode.HttpExpectation, 417)]
    [InlineData(ProtocolErrorCode.HttpMethodTooLong, 501)]
    [InlineData(ProtocolErrorCode.HttpTransferEncoding, 501)]
    [InlineData(ProtocolErrorCode.HttpVersion, 505)]
    [InlineData(ProtocolErrorCode.HttpFramingConflict, 400)]
    [InlineData(ProtocolErrorCode.HttpHost, 400)]
    [InlineData(ProtocolErrorCode.HttpBareLineFeed, 400)]
    [InlineData(ProtocolErrorCode.Truncated, 400)]
    public void HttpErrorStatus_reason_has_its_status(ProtocolErrorCode code, int status) => Assert.Equal(status, HttpErrorStatus.Of(code));

    [Fact]
    public void HttpErrorStatus_every_code_has_an_error_status() =>
        Assert.All(Enum.GetValues<ProtocolErrorCode>(), code => Assert.InRange(HttpErrorStatus.Of(code), 400, 505));
}
