using System.Buffers;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// The state machine of a chunked body (RFC 9112 §7.1), one step per framing byte, whole spans of content at once.
/// <code>
/// Size ─► [Extension] ─► SizeEnd ─► Data ─► DataCr ─► DataLf ─► Size
///                           └─ last ─► Trailer ─► TrailerName ─► TrailerValue ─► TrailerLf ─► Trailer ─► End
/// </code>
/// </summary>
internal struct Http1ChunkScanner(HttpLimits limits)
{
    private const int MaxSizeDigits = 8;

    private readonly HttpLimits _limits = limits;
    private State _state;
    private int _digits;
    private long _size;
    private int _extensionBytes;
    private int _trailerBytes;
    private int _trailers;
    private Http1TrailerName _name;

    private enum State : byte
    {
        Size,
        ExtensionStart,
        Extension,
        SizeEnd,
        Data,
        DataCr,
        DataLf,
        Trailer,
        TrailerName,
        TrailerValue,
        TrailerLf,
        End,
    }

    /// <summary>True refuses every trailer field, whatever its name.</summary>
    public bool RefusesTrailers { get; set; }

    /// <summary>Why the scan gave InvalidData.</summary>
    public ProtocolErrorCode Error { get; private set; }

    /// <summary>Bytes of all chunks so far, framing not counted.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>As <see cref="Http1BodyScanner.Scan"/>; not to be called again after Done or InvalidData.</summary>
    public OperationStatus Scan(ReadOnlySpan<byte> input, out int consumed)
    {
        for (consumed = 0; consumed < input.Length;)
        {
            var rest = input[consumed..];
            var length = 1;
            switch (_state)
            {
                case State.Data:
                    length = (int)Math.Min(rest.Length, _size);
                    _size -= length;
                    ContentBytes += length;
                    _state = _size == 0 ? State.DataCr : State.Data;
                    break;
                case State.TrailerValue:
                    length = TakeTrailerValue(rest);
                    break;
                case State.End when rest[0] == '\n':
                    consumed++;
                    return OperationStatus.Done;
                default:
                    Error = Step(rest[0]);
                    break;
            }

            if (Error != ProtocolErrorCode.None)
            {
                return OperationStatus.InvalidData;
            }

            consumed += length;
        }

        return OperationStatus.NeedMoreData;
    }

    private ProtocolErrorCode Step(byte octet) => _state switch
    {
        State.Size => TakeSize(octet),
        State.ExtensionStart or State.Extension => TakeExtension(octet),
        State.SizeEnd => octet == '\n' ? EndSize() : ProtocolErrorCode.HttpBareCarriageReturn,
        State.DataCr => octet == '\r' ? Enter(State.DataLf) : ProtocolErrorCode.HttpChunkEnd,
        State.DataLf => octet == '\n' ? StartChunk() : ProtocolErrorCode.HttpChunkEnd,
        State.Trailer => octet == '\r' ? Enter(State.End) : StartTrailer(octet),
        State.TrailerName => TakeTrailerName(octet),
        State.TrailerLf => octet == '\n' ? Enter(State.Trailer) : ProtocolErrorCode.HttpBareCarriageReturn,
        _ => ProtocolErrorCode.HttpBareCarriageReturn,
    };

    private ProtocolErrorCode Enter(State state)
    {
        _state = state;
        return ProtocolErrorCode.None;
    }

    private ProtocolErrorCode StartChunk()
    {
        _digits = 0;
        _size = 0;
        return Enter(State.Size);
    }

    private ProtocolErrorCode TakeSize(byte octet)
    {
        if (char.IsAsciiHexDigit((char)octet))
        {
            _size = (_size << 4) | (uint)UrlPathUnit.HexValue((char)octet);
            return ++_digits > MaxSizeDigits || _size > _limits.MaxChunkBytes ? ProtocolErrorCode.HttpChunkSizeOverflow : ProtocolErrorCode.None;
        }

        return _digits == 0 ? ProtocolErrorCode.HttpChunkSize
            : octet == '\r' ? Enter(State.SizeEnd)
            : octet == ';' ? CountExtension(State.ExtensionStart)
            : octet == '\n' ? ProtocolErrorCode.HttpBareLineFeed
            : ProtocolErrorCode.HttpChunkSize;
    }

    private ProtocolErrorCode CountExtension(State next) =>
        ++_extensionBytes > _limits.MaxChunkExtensionBytes ? ProtocolErrorCode.HttpChunkExtensionTooLong : Enter(next);

    // Whatever stands in quotes, only CR LF ends the line: origins that stop at a lone LF read other chunks (CVE-2025-55315)
    private ProtocolErrorCode TakeExtension(byte octet)
    {
        if (octet is (byte)' ' or (byte)'\t')
        {
            return CountExtension(_state);
        }

        return _state == State.Extension && octet == '\r' ? Enter(State.SizeEnd)
            : octet < 0x20 ? (octet == '\r' ? ProtocolErrorCode.HttpChunkExtension : Http1Syntax.CodeOfControl(octet))
            : octet >= 0x7F ? ProtocolErrorCode.HttpChunkExtension
            : _state == State.ExtensionStart && !Http1Syntax.TokenBytes.Contains(octet) ? ProtocolErrorCode.HttpChunkExtension
            : CountExtension(State.Extension);
    }

    private ProtocolErrorCode EndSize() => _size == 0 ? Enter(State.Trailer)
        : _size > _limits.MaxBodyBytes - ContentBytes ? ProtocolErrorCode.HttpBodyTooLarge
        : Enter(State.Data);

    private ProtocolErrorCode StartTrailer(byte octet)
    {
        if (octet is (byte)' ' or (byte)'\t')
        {
            return ProtocolErrorCode.HttpLineFolding;
        }

        if (RefusesTrailers)
        {
            return ProtocolErrorCode.HttpTrailerField;
        }

        _name.Clear();
        _state = State.TrailerName;
        return ++_trailers > _limits.MaxHeaders ? ProtocolErrorCode.HttpTrailerTooLarge : TakeTrailerName(octet);
    }

    private ProtocolErrorCode TakeTrailerName(byte octet)
    {
        if (++_trailerBytes > _limits.MaxTrailerBytes)
        {
            return ProtocolErrorCode.HttpTrailerTooLarge;
        }

        if (Http1Syntax.TokenBytes.Contains(octet))
        {
            _name.Append(octet);
            return ProtocolErrorCode.None;
        }

        return octet switch
        {
            (byte)':' when _name.IsEmpty => ProtocolErrorCode.HttpFieldName,
            (byte)':' => _name.IsForbidden ? ProtocolErrorCode.HttpTrailerField : Enter(State.TrailerValue),
            (byte)' ' or (byte)'\t' => ProtocolErrorCode.HttpFieldNameSpace,
            (byte)'\r' => ProtocolErrorCode.HttpFieldLine,
            < 0x20 or 0x7F => Http1Syntax.CodeOfControl(octet),
            _ => ProtocolErrorCode.HttpFieldName,
        };
    }

    // Up to the limit, whatever else has arrived: how much is consumed must not depend on the cut
    private int TakeTrailerValue(ReadOnlySpan<byte> rest)
    {
        var run = rest.IndexOfAny(Http1Syntax.ControlBytes);
        var length = Math.Min(run < 0 ? rest.Length : run, _limits.MaxTrailerBytes - _trailerBytes);
        _trailerBytes += length;
        if (length > 0)
        {
            return length;
        }

        Error = run != 0 ? ProtocolErrorCode.HttpTrailerTooLarge
            : rest[0] == '\r' ? Enter(State.TrailerLf)
            : Http1Syntax.CodeOfControl(rest[0]);
        return 1;
    }
}
