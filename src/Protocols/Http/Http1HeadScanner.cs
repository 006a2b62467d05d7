using System.Buffers;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// Finds the end of request and response heads: CRLF CRLF. Looks at each byte once and refuses on sight what no head may hold: a lone CR
/// or LF, NUL and other controls, a folded line, an empty first line, more bytes than the limit. What the lines say is for
/// <see cref="Http1Request"/> and <see cref="Http1Response"/>.
/// </summary>
/// <param name="limits">Bounds; the default limits if the scanner is <c>default</c>.</param>
public struct Http1HeadScanner(HttpLimits limits) : IFrameScanner
{
    // Start ── byte ──► Line ── CR ──► LineEnd ── LF ──► LineStart ── CR ──► HeadEnd ── LF ──► Done
    //                    ▲                                   │
    //                    └──────────────── byte ─────────────┘
    private enum State : byte
    {
        Start,
        Line,
        LineEnd,
        LineStart,
        HeadEnd,
    }

    private readonly HttpLimits? _limits = limits;
    private State _state;
    private int _examined;

    /// <inheritdoc/>
    public ProtocolError Error { get; private set; }

    /// <inheritdoc/>
    public OperationStatus Scan(in ReadOnlySequence<byte> input, out long length)
    {
        if (input.IsSingleSegment)
        {
            var status = Scan(input.FirstSpan, out var headBytes);
            length = headBytes;
            return status;
        }

        length = 0;
        if (Error.Code != ProtocolErrorCode.None)
        {
            return OperationStatus.InvalidData;
        }

        foreach (var segment in input.Slice(Math.Min(_examined, input.Length)))
        {
            var status = Examine(segment.Span);
            if (status != OperationStatus.NeedMoreData)
            {
                length = Finish(status);
                return status;
            }
        }

        return OperationStatus.NeedMoreData;
    }

    /// <summary>As the scan of a sequence, for bytes that lie side by side.</summary>
    /// <param name="input">All bytes received and not yet consumed.</param>
    /// <param name="length">Done: length of the head in bytes, its empty line included; 0 otherwise.</param>
    public OperationStatus Scan(ReadOnlySpan<byte> input, out int length)
    {
        length = 0;
        if (Error.Code != ProtocolErrorCode.None)
        {
            return OperationStatus.InvalidData;
        }

        var status = Examine(input[Math.Min(_examined, input.Length)..]);
        if (status != OperationStatus.NeedMoreData)
        {
            length = Finish(status);
        }

        return status;
    }

    private int Finish(OperationStatus status)
    {
        if (status != OperationStatus.Done)
        {
            return 0;
        }

        var length = _examined;
        _examined = 0;
        _state = State.Start;
        return length;
    }

    // Bytes not looked at before, in order
    private OperationStatus Examine(ReadOnlySpan<byte> bytes)
    {
        var maxBytes = (_limits ?? HttpLimits.Default).MaxHeadBytes;
        var room = maxBytes - _examined;
        var isTooLong = bytes.Length > room;
        if (isTooLong)
        {
            bytes = bytes[..Math.Max(room, 0)];
        }

        for (var i = 0; i < bytes.Length;)
        {
            var octet = bytes[i];
            switch (_state)
            {
                case State.Line:
                    var run = bytes[i..].IndexOfAny(Http1Syntax.ControlBytes);
                    if (run < 0)
                    {
                        _examined += bytes.Length - i;
                        i = bytes.Length;
                        continue;
                    }

                    _examined += run;
                    i += run;
                    if (bytes[i] != '\r')
                    {
                        return Refuse(Http1Syntax.CodeOfControl(bytes[i]));
                    }

                    _state = State.LineEnd;
                    break;
                case State.LineEnd or State.HeadEnd when octet != '\n':
                    return Refuse(ProtocolErrorCode.HttpBareCarriageReturn);
                case State.LineEnd:
                    _state = State.LineStart;
                    break;
                case State.HeadEnd:
                    _examined++;
                    return OperationStatus.Done;
                case State.LineStart when octet == '\r':
                    _state = State.HeadEnd;
                    break;
                case State.LineStart when octet is (byte)' ' or (byte)'\t':
                    return Refuse(ProtocolErrorCode.HttpLineFolding);
                case State.Start when octet is (byte)'\r' or (byte)' ' or (byte)'\t':
                    return Refuse(ProtocolErrorCode.HttpRequestLine);
                default:
                    _state = State.Line;
                    continue;
            }

            _examined++;
            i++;
        }

        return isTooLong || _examined >= maxBytes ? Refuse(ProtocolErrorCode.HttpHeadTooLarge) : OperationStatus.NeedMoreData;
    }

    private OperationStatus Refuse(ProtocolErrorCode code)
    {
        Error = new(code, _examined);
        return OperationStatus.InvalidData;
    }
}
