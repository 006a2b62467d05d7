using System.Buffers;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Protocols.Tests.Http;

using static ProtocolErrorCode;

public class Http1BodyScannerTests
{
    private const string Next = "GET /next HTTP/1.1\r\n";

    private static readonly HttpLimits s_small = new() { MaxChunkExtensionBytes = 8, MaxTrailerBytes = 16, MaxHeaders = 2, MaxBodyBytes = 20, MaxChunkBytes = 16 };

    public static TheoryData<string, int> Bodies { get; } = new()
    {
        { "0\r\n\r\n", 0 },
        { "00000000\r\n\r\n", 0 },
        { "1\r\na\r\n0\r\n\r\n", 1 },
        { "a\r\n0123456789\r\n0\r\n\r\n", 10 },
        { "A\r\n0\r\n\r\n\r\n\r\n\r\r\n0\r\n\r\n", 10 },
        { "0000000a\r\n0123456789\r\n0\r\n\r\n", 10 },
        { "1\r\na\r\n2\r\nbc\r\n3\r\n\0\xFF\n\r\n0\r\n\r\n", 6 },
        { "1;a\r\na\r\n0\r\n\r\n", 1 },
        { "1; a=b\r\na\r\n0;c\r\n\r\n", 1 },
        { "1;a=\"b;c\"\r\na\r\n0\r\n\r\n", 1 },
        { "0\r\nX: y\r\n\r\n", 0 },
        { "0\r\nX: y\r\nEtag: \"a\"\r\n\r\n", 0 },
        { "0\r\nGrpc-Status:0\r\n\r\n", 0 },
        { "0\r\nHosted: caf\xE9\r\n\r\n", 0 },
        { "0\r\nX:\r\n\r\n", 0 },
    };

    public static TheoryData<string, ProtocolErrorCode> BadChunks { get; } = new()
    {
        { "\r\n", HttpChunkSize },
        { "g\r\n", HttpChunkSize },
        { " 1\r\n", HttpChunkSize },
        { "1 \r\n", HttpChunkSize },
        { "1\t\r\n", HttpChunkSize },
        { "+1\r\n", HttpChunkSize },
        { "-1\r\n", HttpChunkSize },
        { "0x1\r\n", HttpChunkSize },
        { "1_0\r\n", HttpChunkSize },
        { "1,2\r\n", HttpChunkSize },
        { "1.0\r\n", HttpChunkSize },
        { "\"1\"\r\n", HttpChunkSize },
        { "1h\r\n", HttpChunkSize },
        { ";a\r\n", HttpChunkSize },
        { "\0", HttpChunkSize },
        { "1\0", HttpChunkSize },
        { "\xB2\r\n", HttpChunkSize },
        { "1\n", HttpBareLineFeed },
        { "1\ra", HttpBareCarriageReturn },
        { "1\r\r\n", HttpBareCarriageReturn },
        { "100000000\r\n", HttpChunkSizeOverflow },
        { "000000001\r\n", HttpChunkSizeOverflow },
        { "80000000\r\n", HttpChunkSizeOverflow },
        { "ffffffff\r\n", HttpChunkSizeOverflow },
        { "ffffffffffffffff\r\n", HttpChunkSizeOverflow },
        { "10000000000000001\r\n", HttpChunkSizeOverflow },

        // CVE-2025-55315 and the like: a line feed inside an extension
        { "1;\n", HttpBareLineFeed },
        { "1;a\n", HttpBareLineFeed },
        { "1;a=\"\n\"\r\n", HttpBareLineFeed },
        { "1;a\rb\r\n", HttpBareCarriageReturn },
        { "1;a=\"\r\"\r\n", HttpBareCarriageReturn },
        { "1;\r\n", HttpChunkExtension },
        { "1; \r\n", HttpChunkExtension },
        { "1;;\r\n", HttpChunkExtension },
        { "1;=\r\n", HttpChunkExtension },
        { "1;\"a\"\r\n", HttpChunkExtension },
        { "1;a\x7F\r\n", HttpChunkExtension },
        { "1;a\xE9\r\n", HttpChunkExtension },
        { "1;a\0\r\n", HttpControlByte },
        { "1;\v\r\n", HttpControlByte },

        // behind the content
        { "1\r\nab\r\n", HttpChunkEnd },
        { "1\r\na\n", HttpChunkEnd },
        { "1\r\na\rb", HttpChunkEnd },
        { "1\r\na0\r\n\r\n", HttpChunkEnd },
        { "3\r\na\r\n0\r\n\r\n", HttpChunkEnd },

        // trailers
        { "0\r\nX\r\n", HttpFieldLine },
        { "0\r\n: y\r\n", HttpFieldName },
        { "0\r\nX : y\r\n", HttpFieldNameSpace },
        { "0\r\nX\t: y\r\n", HttpFieldNameSpace },
        { "0\r\n X: y\r\n", HttpLineFolding },
        { "0\r\nX: y\r\n z\r\n", HttpLineFolding },
        { "0\r\nX: \0\r\n", HttpControlByte },
        { "0\r\nX\0: y\r\n", HttpControlByte },
        { "0\r\nX(: y\r\n", HttpFieldName },
        { "0\r\n\xE9: y\r\n", HttpFieldName },
        { "0\r\nX: y\n", HttpBareLineFeed },
        { "0\r\n\n", HttpBareLineFeed },
        { "0\r\n\rX", HttpBareCarriageReturn },
        { "0\r\nX: y\rZ", HttpBareCarriageReturn },
        { "0\r\nGET / HTTP/1.1\r\n", HttpFieldNameSpace },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Http1BodyScanner_chunked_body_ends_at_its_last_byte_however_it_is_cut(string body, int contentBytes)
    {
        foreach (var result in ScanInPieces(body + Next, Http1BodyKind.Chunked, 0, HttpLimits.Default))
        {
            Assert.Equal((OperationStatus.Done, body.Length, None, contentBytes), result);
        }
    }

    [Theory]
    [InlineData("0\r\nX: y\r\n\r\n", HttpTrailerField)]
    [InlineData("1\r\na\r\n0\r\nEtag: \"a\"\r\n\r\n", HttpTrailerField)]
    [InlineData("0\r\n: y\r\n\r\n", HttpTrailerField)]
    [InlineData("0\r\n X: y\r\n\r\n", HttpLineFolding)]
    [InlineData("1\r\na\r\n0\r\n\r\n", None)]
    public void Http1BodyScanner_of_a_request_refuses_trailers(string body, ProtocolErrorCode code)
    {
        Assert.True(Http1Request.TryParse(Http1Heads.Of("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"), HttpLimits.Default, new char[100], out var request, out _));
        var scanner = Http1BodyScanner.ForRequest(request, HttpLimits.Default);

        Assert.Equal(code == None ? OperationStatus.Done : OperationStatus.InvalidData, scanner.Scan(Http1Heads.Bytes(body), out _));
        Assert.Equal(code, scanner.Error.Code);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Http1BodyScanner_cut_short_never_ends(string body, int contentBytes)
    {
        for (var length = 0; length < body.Length; length++)
        {
            var scanner = new Http1BodyScanner(Http1BodyKind.Chunked, 0, HttpLimits.Default);
            Assert.Equal(OperationStatus.NeedMoreData, scanner.Scan(Http1Heads.Bytes(body[..length]), out var consumed));
            Assert.Equal(length, consumed);
            Assert.False(scanner.IsDone || scanner.MayEndHere);
            Assert.InRange(scanner.ContentBytes, 0, contentBytes);
        }
    }

    [Theory]
    [MemberData(nameof(BadChunks))]
    public void Http1BodyScanner_bad_chunk_is_refused_however_it_is_cut(string body, ProtocolErrorCode code)
    {
        var first = ScanInPieces(body + Next, Http1BodyKind.Chunked, 0, HttpLimits.Default).First();
        foreach (var result in ScanInPieces(body + Next, Http1BodyKind.Chunked, 0, HttpLimits.Default))
        {
            Assert.Equal((OperationStatus.InvalidData, code), (result.Status, result.Code));
            Assert.Equal(first, result);
        }
    }

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("content-length")]
    [InlineData("Content_Length")]
    [InlineData("Transfer-Encoding")]
    [InlineData("TRANSFER_ENCODING")]
    [InlineData("Host")]
    [InlineData("Connection")]
    [InlineData("Upgrade")]
    [InlineData("TE")]
    [InlineData("Trailer")]
    [InlineData("Authorization")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Cookie")]
    [InlineData("Set-Cookie")]
    [InlineData("Content-Type")]
    [InlineData("Content-Encoding")]
    [InlineData("Content-Range")]
    [InlineData("Expect")]
    [InlineData("Range")]
    [InlineData("If-Match")]
    [InlineData("Cache-Control")]
    [InlineData("Max-Forwards")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Original-URL")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-Method-Override")]
    [InlineData("X-Envoy-Original-Path")] // CVE-2023-27487
    [InlineData("Access-Control-Allow-Origin")]
    [InlineData("Sec-WebSocket-Key")]
    public void Http1BodyScanner_trailer_that_belongs_into_the_head_is_refused(string name)
    {
        foreach (var result in ScanInPieces($"0\r\nX: y\r\n{name}: 1\r\n\r\n", Http1BodyKind.Chunked, 0, HttpLimits.Default))
        {
            Assert.Equal((OperationStatus.InvalidData, HttpTrailerField), (result.Status, result.Code));
        }
    }

    [Theory]
    [InlineData("1;a=bcdef\r\na\r\n0\r\n\r\n", None)]
    [InlineData("1;a=bcdefg\r\na\r\n0\r\n\r\n", HttpChunkExtensionTooLong)]
    [InlineData("1;abc\r\na\r\n1;abc\r\na\r\n0;a\r\n\r\n", HttpChunkExtensionTooLong)]
    [InlineData("1;      a\r\na\r\n0\r\n\r\n", None)]
    [InlineData("1;        a\r\na\r\n0\r\n\r\n", HttpChunkExtensionTooLong)]
    [InlineData("10\r\n0123456789abcdef\r\n0\r\n\r\n", None)]
    [InlineData("11\r\n0123456789abcdefg\r\n0\r\n\r\n", HttpChunkSizeOverflow)]
    [InlineData("10\r\n0123456789abcdef\r\n4\r\n0123\r\n0\r\n\r\n", None)]
    [InlineData("10\r\n0123456789abcdef\r\n5\r\n01234\r\n0\r\n\r\n", HttpBodyTooLarge)]
    [InlineData("0\r\nX: 1\r\nY: 2\r\n\r\n", None)]
    [InlineData("0\r\nX: 1\r\nY: 2\r\nZ: 3\r\n\r\n", HttpTrailerTooLarge)]
    [InlineData("0\r\nX: 0123456789abcdef\r\n\r\n", HttpTrailerTooLarge)]
    [InlineData("0\r\nX0123456789abcdef: y\r\n\r\n", HttpTrailerTooLarge)]
    public void Http1BodyScanner_limits_hold_however_the_body_is_cut(string body, ProtocolErrorCode code)
    {
        var first = ScanInPieces(body, Http1BodyKind.Chunked, 0, s_small).First();
        foreach (var result in ScanInPieces(body, Http1BodyKind.Chunked, 0, s_small))
        {
            Assert.Equal(first, result);
            Assert.Equal((code == None ? OperationStatus.Done : OperationStatus.InvalidData, code), (result.Status, result.Code));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(20)]
    public void Http1BodyScanner_body_of_a_length_ends_there(int length)
    {
        foreach (var result in ScanInPieces(new string('x', length) + Next, Http1BodyKind.Length, length, HttpLimits.Default))
        {
            Assert.Equal((OperationStatus.Done, length, None, length), result);
        }

        var cut = new Http1BodyScanner(Http1BodyKind.Length, length, HttpLimits.Default);
        Assert.Equal(OperationStatus.NeedMoreData, cut.Scan(new byte[length - 1], out var consumed));
        Assert.Equal(length - 1, consumed);
        Assert.False(cut.MayEndHere);
    }

    [Fact]
    public void Http1BodyScanner_without_body_takes_nothing()
    {
        Assert.Equal((OperationStatus.Done, 0, None, 0), ScanInPieces(Next, Http1BodyKind.None, 0, HttpLimits.Default).First());
        Assert.Equal((OperationStatus.Done, 0, None, 0), ScanInPieces(Next, Http1BodyKind.Length, 0, HttpLimits.Default).First());
        Http1BodyScanner unset = default;
        Assert.Equal(OperationStatus.Done, unset.Scan("x"u8, out var consumed));
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void Http1BodyScanner_until_close_takes_everything_up_to_the_limit()
    {
        var scanner = new Http1BodyScanner(Http1BodyKind.UntilClose, 0, s_small);
        Assert.Equal(OperationStatus.NeedMoreData, scanner.Scan(new byte[20], out var consumed));
        Assert.Equal(20, consumed);
        Assert.True(scanner.MayEndHere);
        Assert.False(scanner.IsDone);
        Assert.Equal(OperationStatus.InvalidData, scanner.Scan(new byte[1], out consumed));
        Assert.Equal((0, HttpBodyTooLarge), (consumed, scanner.Error.Code));
    }

    [Fact]
    public void Http1BodyScanner_done_or_broken_stays_so()
    {
        var done = new Http1BodyScanner(Http1BodyKind.Chunked, 0, HttpLimits.Default);
        Assert.Equal(OperationStatus.Done, done.Scan("0\r\n\r\n"u8, out _));
        Assert.Equal(OperationStatus.Done, done.Scan("0\r\n\r\n"u8, out var consumed));
        Assert.Equal(0, consumed);
        var broken = new Http1BodyScanner(Http1BodyKind.Chunked, 0, HttpLimits.Default);
        Assert.Equal(OperationStatus.InvalidData, broken.Scan("x"u8, out _));
        Assert.Equal(OperationStatus.InvalidData, broken.Scan("0\r\n\r\n"u8, out consumed));
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void Http1BodyScanner_scanning_allocates_nothing()
    {
        var body = "5;a=b\r\nhello\r\n0\r\nX-Checksum: y\r\n\r\n"u8.ToArray();
        long allocated = 0;
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var scanner = new Http1BodyScanner(Http1BodyKind.Chunked, 0, HttpLimits.Default);
            scanner.Scan(body, out _);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    // The whole, byte by byte, and every cut in two
    private static IEnumerable<(OperationStatus Status, int Consumed, ProtocolErrorCode Code, int Content)> ScanInPieces(
        string text, Http1BodyKind kind, long length, HttpLimits limits)
    {
        var bytes = Http1Heads.Bytes(text);
        yield return Scan([bytes], kind, length, limits);
        yield return Scan([.. bytes.Select(octet => new[] { octet })], kind, length, limits);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            yield return Scan([bytes[..cut], bytes[cut..]], kind, length, limits);
        }
    }

    private static (OperationStatus Status, int Consumed, ProtocolErrorCode Code, int Content) Scan(
        byte[][] pieces, Http1BodyKind kind, long length, HttpLimits limits)
    {
        var scanner = new Http1BodyScanner(kind, length, limits);
        var status = OperationStatus.NeedMoreData;
        var total = 0;
        foreach (var piece in pieces)
        {
            status = scanner.Scan(piece, out var consumed);
            total += consumed;
            if (status != OperationStatus.NeedMoreData)
            {
                break;
            }
        }

        return (status, total, scanner.Error.Code, (int)scanner.ContentBytes);
    }
}
