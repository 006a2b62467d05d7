using System.Buffers;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// Finds the end of Kafka requests: a signed 32-bit length, then that many bytes. Refuses with <see cref="ProtocolErrorCode.KafkaFrameLength"/>
/// a length below the 8 bytes of the shortest header, which other protocols on the port mostly show, and with TooLarge one above the limit,
/// before any of its bytes are buffered.
/// </summary>
/// <param name="limits">Bounds; the default limits if the scanner is <c>default</c>.</param>
public struct KafkaFrameScanner(KafkaLimits limits) : IFrameScanner
{
    /// <summary>Key, version and correlation id: the shortest header.</summary>
    internal const int MinFrameBytes = 8;

    private const int LengthBytes = 4;

    private readonly KafkaLimits? _limits = limits;
    private long _messageBytes;

    /// <inheritdoc/>
    public ProtocolError Error { get; private set; }

    /// <inheritdoc/>
    public OperationStatus Scan(in ReadOnlySequence<byte> input, out long length)
    {
        length = 0;
        if (Error.Code != ProtocolErrorCode.None)
        {
            return OperationStatus.InvalidData;
        }

        if (_messageBytes == 0)
        {
            if (input.Length < LengthBytes)
            {
                return OperationStatus.NeedMoreData;
            }

            Span<byte> prefix = stackalloc byte[LengthBytes];
            input.Slice(0, LengthBytes).CopyTo(prefix);
            _ = new SpanReader(prefix).TryReadInt32(out var frameBytes);
            var maxFrameBytes = (_limits ?? KafkaLimits.Default).MaxFrameBytes;
            if (frameBytes < MinFrameBytes || frameBytes > maxFrameBytes)
            {
                Error = new(frameBytes > maxFrameBytes ? ProtocolErrorCode.TooLarge : ProtocolErrorCode.KafkaFrameLength, 0);
                return OperationStatus.InvalidData;
            }

            _messageBytes = LengthBytes + (long)frameBytes;
        }

        length = _messageBytes;
        if (input.Length < _messageBytes)
        {
            return OperationStatus.NeedMoreData;
        }

        _messageBytes = 0;
        return OperationStatus.Done;
    }
}
