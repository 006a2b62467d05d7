using System.Globalization;
using PolicyProxy.Protocols.Grpc;

namespace PolicyProxy.Protocols.Tests.Grpc;

public class GrpcTrailersOnlyTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("Access denied", "Access denied")]
    [InlineData("100%", "100%25")]
    [InlineData("a\r\nb", "a%0D%0Ab")]
    [InlineData("é\u007f", "%C3%A9%7F")]
    [InlineData("😀", "%F0%9F%98%80")]
    public void GrpcTrailersOnly_message_is_percent_encoded(string message, string encoded) =>
        Assert.Equal(encoded, GrpcTrailersOnly.EncodeMessage(message));

    [Fact]
    public void GrpcTrailersOnly_lone_surrogate_becomes_the_replacement_character() =>
        Assert.Equal("%EF%BF%BD", GrpcTrailersOnly.EncodeMessage("\ud800"));

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("Application/GRPC", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc;charset=utf-8", true)]
    [InlineData("application/grpc ; x", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpcx", false)]
    [InlineData("application/json", false)]
    [InlineData("", false)]
    public void GrpcTrailersOnly_content_type_is_recognised(string contentType, bool expected) =>
        Assert.Equal(expected, GrpcTrailersOnly.IsGrpcContentType(contentType));

    [Fact]
    public void GrpcStatus_permission_denied_matches_the_text_sent() =>
        Assert.Equal(GrpcTrailersOnly.PermissionDenied, ((int)GrpcStatus.PermissionDenied).ToString(CultureInfo.InvariantCulture));
}
