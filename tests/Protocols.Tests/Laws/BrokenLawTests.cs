using PolicyProxy.Fuzz;
using PolicyProxy.Fuzz.Http;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Protocols.Tests.Laws;

/// <summary>A law that nothing can break proves nothing: parsers with one mistake each, and the law that has to find it.</summary>
public class BrokenLawTests
{
    private static readonly byte[] s_line = "abc\ndef\n"u8.ToArray();

    [Theory]
    [InlineData(Mistake.ForgetsSegments)]
    [InlineData(Mistake.EndsOneByteEarlyInPieces)]
    [InlineData(Mistake.CountsBeyondTheInput)]
    [InlineData(Mistake.ForgetsToStartAgain)]
    [InlineData(Mistake.RefusesWithoutReason)]
    public void Law_of_frames_finds_the_mistake(Mistake mistake) =>
        Assert.Throws<LawBrokenException>(() => FrameLaw.Check(() => new LineScanner(mistake), s_line, [2, 3, 4, 8]));

    [Fact]
    public void Law_of_frames_holds_without_a_mistake() =>
        Assert.Equal(4, FrameLaw.Check(() => new LineScanner(Mistake.None), s_line, [2, 3, 4, 8]).Length);

    [Theory]
    [InlineData(Mistake.EndsOneByteEarlyInPieces)]
    [InlineData(Mistake.CountsBeyondTheInput)]
    [InlineData(Mistake.ForgetsToStartAgain)]
    [InlineData(Mistake.RefusesWithoutReason)]
    public void Law_of_incremental_scanners_finds_the_mistake(Mistake mistake) =>
        Assert.Throws<LawBrokenException>(() => IncrementalLaw.Check(() => new LineEater(mistake), s_line, [2, 3, 4, 8]));

    [Fact]
    public void Law_of_incremental_scanners_holds_without_a_mistake() =>
        Assert.Equal(4, IncrementalLaw.Check(() => new LineEater(Mistake.None), s_line, [2, 3, 4, 8]).Consumed);

    [Fact]
    public void Law_of_views_finds_a_message_that_may_be_cut_short()
    {
        ViewReader read = (message, out error) =>
        {
            error = message.Length > 2 ? default : new(ProtocolErrorCode.Truncated, message.Length);
            return message.Length > 2;
        };
        Assert.True(ViewLaw.Check(read, s_line));
        Assert.Throws<LawBrokenException>(() => ViewLaw.CheckPrefixes(read, s_line, [1, 5]));
        Assert.Throws<LawBrokenException>(() => ViewLaw.Check((_, out error) => (error = new(ProtocolErrorCode.Truncated, 9)) == default, s_line));
    }

    // What the parser says of one head, held against another that differs in one place
    [Theory]
    [InlineData("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "POST /a HTTP/1.1\r\nHost: b\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "GET /b HTTP/1.1\r\nHost: b\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "GET /a HTTP/1.0\r\nHost: b\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "GET /a HTTP/1.1\r\nHost: c\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "GET http://b/a HTTP/1.1\r\nHost: b\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "GET /a HTTP/1.1\r\nHost: b\r\nX: y\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "GET /a HTTP/1.1\r\nHost: b\r\nHost: b\r\n\r\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "GET /a HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")]
    [InlineData("PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\n", "PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 6\r\n\r\n")]
    [InlineData("PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\n", "PUT /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("PUT /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\n", "PUT /a HTTP/1.1\r\nHost: b\r\nContent_Length: 5\r\n\r\n")]
    public void Naive_reading_of_a_request_finds_the_difference(string read, string text)
    {
        var scratch = new char[HttpLimits.Default.MaxScratchChars];
        Assert.True(Http1Request.TryParse(RecordedMessages.Bytes(read), HttpLimits.Default, scratch, out var request, out _));
        NaiveRequest.Check(RecordedMessages.Bytes(read), request, HttpLimits.Default);
        var isFound = false;
        try
        {
            NaiveRequest.Check(RecordedMessages.Bytes(text), request, HttpLimits.Default);
        }
        catch (LawBrokenException)
        {
            isFound = true;
        }

        Assert.True(isFound, text);
    }

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", 4)]
    [InlineData("5\r\nhello\r\n0\r\n\r\nX", 5)]
    [InlineData("5\r\nhello\r\n0\r\n", 5)]
    [InlineData("4\r\nhello\r\n0\r\n\r\n", 4)]
    [InlineData("0\r\nContent-Length: 1\r\n\r\n", 0)]
    public void Naive_reading_of_chunks_finds_the_difference(string body, int content) =>
        Assert.Throws<LawBrokenException>(() => NaiveChunks.Check(RecordedMessages.Bytes(body), content));
}
