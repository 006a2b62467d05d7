using System.Buffers;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// Finds the end of one body. Bytes are handed over once, in pieces of any size, and can be forwarded as soon as they were scanned.
/// Chunked framing is read strictly (RFC 9112 §7.1): hexadecimal size without sign, space or overflow, exact CRLF, bounded extensions,
/// bounded trailers without the fields that matter. Constant memory, nothing allocated; not thread-safe.
/// </summary>
public struct Http1BodyScanner
{
    private readonly Http1BodyKind _kind;
    private Http1ChunkScanner _chunks;
    private long _remaining;

    /// <summary>A scanner in front of the first byte of a body.</summary>
    /// <param name="kind">How the body ends.</param>
    /// <param name="contentLength">Its length in bytes if the kind is Length; ignored otherwise.</param>
    /// <param name="limits">Bounds.</param>
    public Http1BodyScanner(Http1BodyKind kind, long contentLength, HttpLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _kind = kind;
        _chunks = new(limits);
        _remaining = kind switch
        {
            Http1BodyKind.Length => Math.Max(contentLength, 0),
            Http1BodyKind.UntilClose => limits.MaxBodyBytes,
            _ => 0,
        };
        IsDone = kind == Http1BodyKind.None || (kind == Http1BodyKind.Length && _remaining == 0);
    }

    /// <summary>
    /// A scanner in front of the body of a request that takes no trailer: aiohttp 3.8 puts the trailers of one request into the head of
    /// the next on the same connection, where nobody has judged them. Clients hardly send any.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="limits">Bounds.</param>
    public static Http1BodyScanner ForRequest(scoped in Http1Request request, HttpLimits limits)
    {
        var scanner = new Http1BodyScanner(request.BodyKind, request.ContentLength, limits);
        scanner._chunks.RefusesTrailers = true;
        return scanner;
    }

    /// <summary>Why the last scan gave InvalidData, with the offset inside the bytes of that scan; code None otherwise.</summary>
    public ProtocolError Error { get; private set; }

    /// <summary>True once the whole body was scanned. Never true for a body that ends with the connection.</summary>
    public bool IsDone { get; private set; }

    /// <summary>True if the peer may close now without cutting the body short.</summary>
    public readonly bool MayEndHere => IsDone || _kind is Http1BodyKind.None or Http1BodyKind.UntilClose;

    /// <summary>Content bytes scanned so far, without chunk framing and trailers.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>Takes the next bytes of the connection.</summary>
    /// <param name="input">Bytes behind those consumed by the last scan.</param>
    /// <param name="consumed">How many of them belong to the body, framing and trailers included; with InvalidData, those in front of the error.</param>
    /// <returns>Done: the body ends there. NeedMoreData: all bytes belong to it and it goes on. InvalidData: close the connection.</returns>
    public OperationStatus Scan(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        if (Error.Code != ProtocolErrorCode.None)
        {
            return OperationStatus.InvalidData;
        }

        if (MayEndHere && _kind != Http1BodyKind.UntilClose)
        {
            return OperationStatus.Done;
        }

        return _kind == Http1BodyKind.Chunked ? ScanChunks(input, out consumed) : ScanPlain(input, out consumed);
    }

    private OperationStatus ScanPlain(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = (int)Math.Min(input.Length, _remaining);
        _remaining -= consumed;
        ContentBytes += consumed;
        if (_kind == Http1BodyKind.Length)
        {
            IsDone = _remaining == 0;
            return IsDone ? OperationStatus.Done : OperationStatus.NeedMoreData;
        }

        if (consumed == input.Length)
        {
            return OperationStatus.NeedMoreData;
        }

        Error = new(ProtocolErrorCode.HttpBodyTooLarge, consumed);
        return OperationStatus.InvalidData;
    }

    private OperationStatus ScanChunks(ReadOnlySpan<byte> input, out int consumed)
    {
        var status = _chunks.Scan(input, out consumed);
        ContentBytes = _chunks.ContentBytes;
        IsDone = status == OperationStatus.Done;
        if (status == OperationStatus.InvalidData)
        {
            Error = new(_chunks.Error, consumed);
        }

        return status;
    }
}
