using System.Buffers;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary><see cref="Http1BodyScanner"/> in the shape that <see cref="IncrementalLaw"/> knows.</summary>
internal struct BodyScan : IIncrementalScanner
{
    private Http1BodyScanner _scanner;

    /// <summary>Any body of this kind.</summary>
    public BodyScan(Http1BodyKind kind, long contentLength, HttpLimits limits) => _scanner = new(kind, contentLength, limits);

    private BodyScan(Http1BodyScanner scanner) => _scanner = scanner;

    /// <summary>The chunked body of a request.</summary>
    public static BodyScan ForRequest(HttpLimits limits)
    {
        Span<char> scratch = stackalloc char[16];
        var isRead = Http1Request.TryParse("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"u8, HttpLimits.Default, scratch, out var request, out _);
        Law.Holds(isRead && request.BodyKind == Http1BodyKind.Chunked, "a request in chunks is read");
        return new(Http1BodyScanner.ForRequest(request, limits));
    }

    /// <inheritdoc/>
    public readonly ProtocolError Error => _scanner.Error;

    /// <inheritdoc/>
    public readonly long ContentBytes => _scanner.ContentBytes;

    /// <inheritdoc/>
    public OperationStatus Scan(ReadOnlySpan<byte> input, out int consumed) => _scanner.Scan(input, out consumed);
}
