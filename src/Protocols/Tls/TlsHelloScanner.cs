using System.Buffers;

namespace PolicyProxy.Protocols.Tls;

/// <summary>
/// Finds the end of a ClientHello: the first handshake message of a connection, in one record or cut over many. Looks at each byte once and
/// refuses on sight what cannot become one: another protocol, SSL 2, another message, empty records, records of another type in between, bytes
/// behind the message in its last record, more bytes than the limits. What the message says is for <see cref="TlsClientHello"/>.
/// </summary>
/// <param name="limits">Bounds; the default limits if the scanner is <c>default</c>.</param>
public struct TlsHelloScanner(TlsLimits limits) : IFrameScanner
{
    /// <summary>What every ClientHello begins with: the type of a handshake record. No text does.</summary>
    public const byte FirstByte = 22;

    internal const int RecordHeaderBytes = 5;
    internal const int MessageHeaderBytes = 4;

    private const int MaxRecordBytes = 1 << 14;
    private const byte ClientHelloMessage = 1;
    private const byte MajorVersion = 3;

    private readonly TlsLimits? _limits = limits;
    private int _examined;
    private int _recordHeaderRead;
    private int _recordLeft;
    private int _messageHeaderRead;
    private int _messageLeft;

    /// <inheritdoc/>
    public ProtocolError Error { get; private set; }

    private readonly TlsLimits Limits => _limits ?? TlsLimits.Default;

    private readonly bool IsInRecord => _recordHeaderRead == RecordHeaderBytes && _recordLeft > 0;

    private readonly bool IsMessageLengthKnown => _messageHeaderRead == MessageHeaderBytes;

    /// <inheritdoc/>
    public OperationStatus Scan(in ReadOnlySequence<byte> input, out long length)
    {
        length = 0;
        if (Error.Code != ProtocolErrorCode.None)
        {
            return OperationStatus.InvalidData;
        }

        var status = OperationStatus.NeedMoreData;
        foreach (var segment in input.Slice(Math.Min(_examined, input.Length)))
        {
            status = Examine(segment.Span);
            if (status != OperationStatus.NeedMoreData)
            {
                break;
            }
        }

        length = Finish(status);
        return status;
    }

    /// <summary>As the scan of a sequence, for bytes that lie side by side.</summary>
    /// <param name="input">All bytes received and not yet consumed.</param>
    /// <param name="length">As for a sequence.</param>
    public OperationStatus Scan(ReadOnlySpan<byte> input, out int length)
    {
        length = 0;
        if (Error.Code != ProtocolErrorCode.None)
        {
            return OperationStatus.InvalidData;
        }

        var status = Examine(input[Math.Min(_examined, input.Length)..]);
        length = Finish(status);
        return status;
    }

    // Without the record the message ends in, its end is not known.
    private int Finish(OperationStatus status)
    {
        if (status == OperationStatus.NeedMoreData)
        {
            return IsMessageLengthKnown && IsInRecord && _recordLeft == _messageLeft ? _examined + _recordLeft : 0;
        }

        if (status != OperationStatus.Done)
        {
            return 0;
        }

        var length = _examined;
        _examined = _recordHeaderRead = _recordLeft = _messageHeaderRead = _messageLeft = 0;
        return length;
    }

    // Bytes not looked at before, in order
    private OperationStatus Examine(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length;)
        {
            var count = 1;
            var fault = ProtocolErrorCode.None;
            if (!IsInRecord)
            {
                fault = ReadRecordHeader(bytes[i]);
            }
            else if (!IsMessageLengthKnown)
            {
                _recordLeft--;
                fault = ReadMessageHeader(bytes[i]);
            }
            else
            {
                count = Math.Min(bytes.Length - i, _recordLeft);
                _recordLeft -= count;
                _messageLeft -= count;
            }

            if (fault != ProtocolErrorCode.None)
            {
                Error = new(fault, _examined);
                return OperationStatus.InvalidData;
            }

            i += count;
            _examined += count;
            if (IsMessageLengthKnown && _messageLeft == 0)
            {
                return OperationStatus.Done;
            }
        }

        return OperationStatus.NeedMoreData;
    }

    // Type, version, length. The minor version says nothing (RFC 8446 §5.1).
    private ProtocolErrorCode ReadRecordHeader(byte octet)
    {
        _recordHeaderRead = _recordHeaderRead == RecordHeaderBytes ? 1 : _recordHeaderRead + 1;
        switch (_recordHeaderRead)
        {
            case 1 when octet != FirstByte:
                return _examined == 0 && octet >= 0x80 ? ProtocolErrorCode.TlsSsl2Record : ProtocolErrorCode.TlsRecordType;
            case 2 when octet != MajorVersion:
                return ProtocolErrorCode.TlsRecordVersion;
            case 4:
                _recordLeft = octet << 8;
                return ProtocolErrorCode.None;
            case 5:
                _recordLeft |= octet;
                return CheckRecord();
            default:
                return ProtocolErrorCode.None;
        }
    }

    private readonly ProtocolErrorCode CheckRecord() =>
        _recordLeft is 0 or > MaxRecordBytes ? ProtocolErrorCode.TlsRecordLength
        : _recordLeft > Limits.MaxFlightBytes - _examined - 1 ? ProtocolErrorCode.TooLarge
        : CheckEnd();

    // Nothing may follow in the record: the client has to wait for an answer, or changes keys (RFC 8446 §5.1).
    private readonly ProtocolErrorCode CheckEnd() =>
        IsMessageLengthKnown && _recordLeft > _messageLeft ? ProtocolErrorCode.TrailingBytes : ProtocolErrorCode.None;

    private ProtocolErrorCode ReadMessageHeader(byte octet)
    {
        _messageHeaderRead++;
        if (_messageHeaderRead == 1)
        {
            return octet == ClientHelloMessage ? ProtocolErrorCode.None : ProtocolErrorCode.TlsMessageType;
        }

        _messageLeft = (_messageLeft << 8) | octet;
        return !IsMessageLengthKnown ? ProtocolErrorCode.None
            : _messageLeft > Limits.MaxHelloBytes ? ProtocolErrorCode.TooLarge
            : CheckEnd();
    }
}
