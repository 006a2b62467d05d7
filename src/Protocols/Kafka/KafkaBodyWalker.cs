using System.Runtime.CompilerServices;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// Walks one request body by its layout and stops at each topic. One machine serves validation and enumeration, so both see the same
/// topics. Record batches are stepped over by their length. Allocates nothing; not thread-safe.
/// </summary>
internal ref struct KafkaBodyWalker
{
    private readonly ReadOnlySpan<KafkaOp> _ops;
    private readonly bool _flexible;
    private SpanReader _reader;
    private PendingElements _pending;
    private int _depth;
    private int _op;
    private ReadOnlySpan<byte> _held;
    private ProtocolErrorCode _error;

    /// <summary>Starts in front of the body.</summary>
    /// <param name="layout">Layout of the request's key and version.</param>
    /// <param name="body">Everything behind the header.</param>
    public KafkaBodyWalker(KafkaLayout layout, ReadOnlySpan<byte> body)
    {
        _ops = layout.Ops;
        _flexible = layout.IsFlexible;
        _reader = new SpanReader(body);
    }

    /// <summary>The topic <see cref="MoveNext"/> stopped at.</summary>
    public KafkaTopic Current { get; private set; }

    /// <summary>Why the walk stopped; None while it goes on and after a body that ended where it should. Offset in the body.</summary>
    public readonly ProtocolError Error => new(_error, _reader.Position);

    /// <summary>True once a null list of topics was met, which asks for all topics.</summary>
    public bool AsksForAll { get; private set; }

    /// <summary>Walks to the next topic; false at the end or at an error.</summary>
    public bool MoveNext()
    {
        while (_op < _ops.Length && _error == ProtocolErrorCode.None)
        {
            ref readonly var op = ref _ops[_op++];
            switch (op.Code)
            {
                case KafkaOpCode.Skip:
                    Check(_reader.TrySkip(op.Argument), ProtocolErrorCode.Truncated);
                    break;
                case KafkaOpCode.String:
                    ReadString(op.Nullable);
                    break;
                case KafkaOpCode.Bytes:
                    SkipBytes(op.Nullable);
                    break;
                case KafkaOpCode.HoldName:
                    _held = ReadString(op.Nullable);
                    break;
                case KafkaOpCode.HoldId:
                    _held = ReadId();
                    break;
                case KafkaOpCode.TopicName:
                    return Yield(ReadString(op.Nullable), _held);
                case KafkaOpCode.TopicId:
                    return Yield(_held, ReadId());
                case KafkaOpCode.ArrayBegin:
                    BeginArray(op);
                    break;
                case KafkaOpCode.ArrayEnd:
                    _op = --_pending[_depth - 1] > 0 ? op.Argument + 1 : LeaveArray();
                    break;
                case KafkaOpCode.FixedArray:
                    Check(!TryReadCount(op.Nullable, out var count) || _reader.TrySkip((long)count * op.Argument), ProtocolErrorCode.KafkaLength);
                    break;
                case KafkaOpCode.Optional:
                    EnterOptional(op.Argument);
                    break;
                case KafkaOpCode.Tags:
                    Check(KafkaTags.TrySkip(ref _reader, out var tagError), tagError);
                    break;
            }
        }

        if (_error == ProtocolErrorCode.None && _reader.Remaining > 0)
        {
            _error = ProtocolErrorCode.TrailingBytes;
        }

        return false;
    }

    private bool Yield(ReadOnlySpan<byte> name, ReadOnlySpan<byte> id)
    {
        Current = new KafkaTopic(name, id);
        _held = default;
        return _error == ProtocolErrorCode.None;
    }

    private void BeginArray(in KafkaOp op)
    {
        if (!TryReadCount(op.Nullable, out var count))
        {
            return;
        }

        AsksForAll |= count < 0 && op.NamesTopics;

        // every element takes at least one byte, so this bounds the walk by the frame
        if (count > _reader.Remaining)
        {
            _error = ProtocolErrorCode.KafkaLength;
        }
        else if (count <= 0)
        {
            _op = op.Argument + 1;
        }
        else
        {
            _pending[_depth++] = count;
        }
    }

    private int LeaveArray()
    {
        _depth--;
        return _op;
    }

    // A nullable struct is announced by a signed byte, 1 or -1, in flexible versions too.
    private void EnterOptional(int behind)
    {
        Check(_reader.TryReadByte(out var presence), ProtocolErrorCode.Truncated);
        Check(presence is 1 or 0xFF, ProtocolErrorCode.KafkaLength);
        _op = presence == 0xFF ? behind : _op;
    }

    // -1 for null. Reads an int32 count, or an unsigned varint one larger.
    private bool TryReadCount(bool nullable, out int count)
    {
        if (_flexible)
        {
            Check(_reader.TryReadVarUInt32(out var encoded), _reader.Remaining == 0 ? ProtocolErrorCode.Truncated : ProtocolErrorCode.KafkaVarint);
            count = (int)Math.Min(encoded, int.MaxValue) - 1;
        }
        else
        {
            Check(_reader.TryReadInt32(out count), ProtocolErrorCode.Truncated);
        }

        Check(count >= (nullable ? -1 : 0), ProtocolErrorCode.KafkaLength);
        return _error == ProtocolErrorCode.None;
    }

    private ReadOnlySpan<byte> ReadString(bool nullable)
    {
        int length;
        if (_flexible)
        {
            TryReadCount(nullable, out length);
        }
        else
        {
            Check(_reader.TryReadInt16(out var shortLength), ProtocolErrorCode.Truncated);
            Check(shortLength >= (nullable ? -1 : 0), ProtocolErrorCode.KafkaLength);
            length = shortLength;
        }

        ReadOnlySpan<byte> bytes = default;
        if (_error == ProtocolErrorCode.None && length > 0)
        {
            Check(_reader.TryRead(length, out bytes), ProtocolErrorCode.KafkaLength);
        }

        return bytes;
    }

    private void SkipBytes(bool nullable)
    {
        if (TryReadCount(nullable, out var length))
        {
            Check(length < 0 || _reader.TrySkip(length), ProtocolErrorCode.KafkaLength);
        }
    }

    private ReadOnlySpan<byte> ReadId()
    {
        Check(_reader.TryRead(16, out var id), ProtocolErrorCode.Truncated);
        return id.ContainsAnyExcept((byte)0) ? id : default;
    }

    private void Check(bool ok, ProtocolErrorCode otherwise)
    {
        if (!ok && _error == ProtocolErrorCode.None)
        {
            _error = otherwise;
        }
    }

    /// <summary>Elements left per open array; the deepest layout, ShareFetch, nests three.</summary>
    [InlineArray(4)]
    private struct PendingElements
    {
        private int _element;
    }
}
