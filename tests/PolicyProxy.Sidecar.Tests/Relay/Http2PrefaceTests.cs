using System.Text;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Tests.Relay;

public sealed class Http2PrefaceTests
{
    private static readonly byte[] s_preface = Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    [Fact]
    public void Match_whole_preface_is_http2_whatever_follows()
    {
        Assert.True(Http2Preface.Match(s_preface));
        Assert.True(Http2Preface.Match([.. s_preface, 0, 0, 18]));
    }

    [Fact]
    public void Match_proper_prefix_of_the_preface_needs_more()
    {
        for (var length = 0; length < s_preface.Length; length++)
        {
            Assert.Null(Http2Preface.Match(s_preface.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Match_one_changed_byte_is_not_http2()
    {
        for (var at = 0; at < s_preface.Length; at++)
        {
            var changed = (byte[])s_preface.Clone();
            changed[at] ^= 1;

            Assert.False(Http2Preface.Match(changed));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("POST / HTTP/1.1\r\n")]
    [InlineData("PUT")]
    [InlineData("PRIVATE / HTTP/1.1\r\n")]
    public void Match_http1_is_not_http2(string start) =>
        Assert.False(Http2Preface.Match(Encoding.ASCII.GetBytes(start)));
}
