using System.Buffers;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary><see cref="Http1BodyScanner"/> in the shape that <see cref="IncrementalLaw"/> knows.</summary>
internal struct BodyScan(Http1BodyKind kind, long contentLength, HttpLimits limits) : IIncrementalScanner
{
    private Http1BodyScanner _scanner = new(kind, contentLength, limits);

    /// <inheritdoc/>
    public readonly ProtocolError Error => _scanner.Error;

    /// <inheritdoc/>
    public readonly long ContentBytes => _scanner.ContentBytes;

    /// <inheritdoc/>
    public OperationStatus Scan(ReadOnlySpan<byte> input, out int consumed) => _scanner.Scan(input, out consumed);
}
