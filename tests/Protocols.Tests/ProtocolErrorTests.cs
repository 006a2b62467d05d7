namespace PolicyProxy.Protocols.Tests;

public class ProtocolErrorTests
{
    [Fact]
    public void ProtocolError_every_code_says_what_and_where_it_is_specified()
    {
        var codes = Enum.GetValues<ProtocolErrorCode>();
        Assert.All(codes, code => Assert.NotEmpty(ProtocolErrorText.Describe(code)));
        Assert.All(codes, code => Assert.NotEmpty(ProtocolErrorText.Source(code)));
        Assert.Equal(codes.Length, codes.Select(ProtocolErrorText.Describe).Distinct().Count());
    }

    [Fact]
    public void ProtocolError_text_names_reason_section_and_offset() =>
        Assert.Equal(
            "the request-target holds a fragment (RFC 9110 §7.1) at offset 7",
            new ProtocolError(ProtocolErrorCode.HttpTargetFragment, 7).ToString());

    [Fact]
    public void ProtocolError_default_is_no_error() => Assert.Equal("no error", default(ProtocolError).ToString());
}
