using System.Buffers;

namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// Finds the end of messages over TCP: an unsigned 16-bit length, then that many bytes (RFC 7766 §8). Refuses with
/// <see cref="ProtocolErrorCode.DnsFrameLength"/> a length below the 12 bytes of a header, zero included, and with TooLarge one above the limit,
/// before any of its bytes are buffered.
/// </summary>
/// <param name="maxMessageBytes">Longest message without its length, in bytes: <see cref="DnsLimits.MaxQueryBytes"/> before a client; 0 for no bound.</param>
public struct DnsTcpScanner(int maxMessageBytes) : IFrameScanner
{
    /// <summary>Bytes of the length in front of each message.</summary>
    public const int LengthBytes = 2;

    private readonly int _maxMessageBytes = maxMessageBytes;
    private int _frameBytes;

    /// <inheritdoc/>
    public ProtocolError Error { get; private set; }

    /// <inheritdoc/>
    public OperationStatus Scan(in ReadOnlySequence<byte> input, out long length)
    {
        Span<byte> prefix = stackalloc byte[LengthBytes];
        var start = input.Slice(0, Math.Min(input.Length, LengthBytes));
        start.CopyTo(prefix);
        var status = Scan(prefix[..(int)start.Length], input.Length, out var frameBytes);
        length = frameBytes;
        return status;
    }

    /// <summary>The same over one piece of memory.</summary>
    /// <param name="input">Bytes from the start of a frame.</param>
    /// <param name="length">Length of the frame with its prefix, as far as it is known.</param>
    public OperationStatus Scan(ReadOnlySpan<byte> input, out int length) => Scan(input, input.Length, out length);

    private OperationStatus Scan(ReadOnlySpan<byte> start, long available, out int length)
    {
        length = 0;
        if (Error.Code != ProtocolErrorCode.None)
        {
            return OperationStatus.InvalidData;
        }

        if (_frameBytes == 0)
        {
            if (!new SpanReader(start).TryReadUInt16(out var messageBytes))
            {
                return OperationStatus.NeedMoreData;
            }

            var isTooLarge = _maxMessageBytes > 0 && messageBytes > _maxMessageBytes;
            if (messageBytes < DnsHeader.Bytes || isTooLarge)
            {
                Error = new(isTooLarge ? ProtocolErrorCode.TooLarge : ProtocolErrorCode.DnsFrameLength, 0);
                return OperationStatus.InvalidData;
            }

            _frameBytes = LengthBytes + messageBytes;
        }

        length = _frameBytes;
        if (available < _frameBytes)
        {
            return OperationStatus.NeedMoreData;
        }

        _frameBytes = 0;
        return OperationStatus.Done;
    }
}
