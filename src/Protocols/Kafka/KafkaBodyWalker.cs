using System.Diagnostics.CodeAnalysis;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>Where a walk stopped.</summary>
internal enum KafkaStop : byte
{
    /// <summary>Behind the last byte, or at an error.</summary>
    End,

    /// <summary>Behind a name.</summary>
    Name,

    /// <summary>Behind a partition number; only when structure is asked for.</summary>
    Partition,

    /// <summary>In front of the first element of a bound array; likewise.</summary>
    ArrayBegin,

    /// <summary>Behind an element of a bound array; likewise.</summary>
    ElementEnd,

    /// <summary>Behind the length of bytes that are not in the span; only while a frame arrives.</summary>
    Bytes,

    /// <summary>Behind the type of a group's protocols; only when subscriptions are asked for.</summary>
    GroupType,

    /// <summary>Behind what a member says to the leader of its group; likewise.</summary>
    Subscription,
}

/// <summary>How a walk goes.</summary>
[Flags]
internal enum KafkaWalkMode : byte
{
    /// <summary>Stops at names only.</summary>
    Names = 0,

    /// <summary>Stops at bound arrays, their elements and partitions too.</summary>
    Structure = 1,

    /// <summary>Record batches and other bytes were left out of the span; their lengths are there.</summary>
    Outline = 2,

    /// <summary>Stops at bytes, which are to be left out.</summary>
    Arriving = 4,

    /// <summary>Stops at subscriptions and the type of their group too.</summary>
    Subscriptions = 8,
}

/// <summary>
/// Walks one body by its layout. One machine serves validation, enumeration, answering and editing, so all see the same names. Record
/// batches are stepped over by their length. Allocates nothing; not thread-safe; a copy walks on its own.
/// </summary>
internal ref struct KafkaBodyWalker
{
    private readonly ReadOnlySpan<KafkaOp> _ops;
    private readonly ReadOnlySpan<byte> _body;
    private readonly KafkaWalkMode _mode;
    private readonly bool _flexible;
    private readonly int _ahead;
    private SpanReader _reader;
    private KafkaWalkState _state;
    private ProtocolErrorCode _error;
    private int _opPosition;
    private int _opIndex;
    private bool _isNull;

    /// <summary>Starts in front of the body.</summary>
    /// <param name="layout">Layout of the key and version.</param>
    /// <param name="body">Everything behind the header.</param>
    /// <param name="mode">Where to stop.</param>
    public KafkaBodyWalker(KafkaLayout layout, ReadOnlySpan<byte> body, KafkaWalkMode mode = KafkaWalkMode.Names)
    {
        _ops = layout.Ops;
        _flexible = layout.IsFlexible;
        _body = body;
        _mode = mode;
        _state = new KafkaWalkState();
        _reader = new SpanReader(body);
    }

    /// <summary>Goes on where another walk was left.</summary>
    /// <param name="layout">Layout of the key and version.</param>
    /// <param name="body">What is there of the body.</param>
    /// <param name="mode">Where to stop.</param>
    /// <param name="state">From <see cref="Leave"/>.</param>
    /// <param name="ahead">Bytes of the frame that have not come yet.</param>
    public KafkaBodyWalker(KafkaLayout layout, ReadOnlySpan<byte> body, KafkaWalkMode mode, scoped in KafkaWalkState state, int ahead)
    {
        _ops = layout.Ops;
        _flexible = layout.IsFlexible;
        _body = body;
        _mode = mode;
        _ahead = ahead;
        _state = state;
        _reader = new SpanReader(body);
        _reader.TrySkip(state.Position);
    }

    /// <summary>The name <see cref="Next"/> stopped at.</summary>
    public KafkaName Current { get; private set; }

    /// <summary>The partition it stopped at.</summary>
    public int Partition { get; private set; }

    /// <summary>Elements of the array it stopped at; 0 for null.</summary>
    public int Count { get; private set; }

    /// <summary>How many arrays are open.</summary>
    public readonly int Depth => _state.Depth;

    /// <summary>How many arrays were open in the element that it stopped behind.</summary>
    public int EndedDepth { get; private set; }

    /// <summary>Index of the step that begins the array it stopped at.</summary>
    public int ArrayOp { get; private set; }

    /// <summary>True if the array it stopped at holds names.</summary>
    public readonly bool ArrayHoldsNames => (_ops[ArrayOp].Flags & KafkaOpFlags.HoldsNames) != 0;

    /// <summary>Length of the bytes it stopped at.</summary>
    public int ByteCount { get; private set; }

    /// <summary>The type or the subscription it stopped behind.</summary>
    public readonly ReadOnlySpan<byte> Value => _body.Slice(_reader.Position - ByteCount, ByteCount);

    /// <summary>Offset of the count of the array it stopped at.</summary>
    public int CountStart { get; private set; }

    /// <summary>True if the array it stopped at is null.</summary>
    public bool IsNull { get; private set; }

    /// <summary>Offset in the body.</summary>
    public readonly int Position => _reader.Position;

    /// <summary>Why the walk stopped; None while it goes on and after a body that ended where it should. Offset in the body.</summary>
    public readonly ProtocolError Error => new(_error, _reader.Position);

    /// <summary>
    /// True for a response that can be edited. Bytes behind its end are no error in responses, clients do not read them (librdkafka's mock
    /// broker writes one behind Metadata v13); they are not passed on.
    /// </summary>
    public readonly bool IsReadableResponse => _error is ProtocolErrorCode.None or ProtocolErrorCode.TrailingBytes;

    /// <summary>True once a null list of topics was met, which asks for all topics.</summary>
    public readonly bool AsksForAll => _state.AsksForAll;

    /// <summary>Numbers, counts and what else was met so far; not a place to go on from, see <see cref="Leave"/>.</summary>
    [UnscopedRef]
    public readonly ref readonly KafkaWalkState State => ref _state;

    /// <summary>Names met so far.</summary>
    public readonly int NameCount => _state.NameCount;

    /// <summary>Walks to the next name; false at the end or at an error. Not for walks that stop at more.</summary>
    public bool MoveNext() => Next() == KafkaStop.Name;

    /// <summary>Takes the walk back in front of the step that failed, and gives where that is.</summary>
    public KafkaWalkState Leave()
    {
        if (_error != ProtocolErrorCode.None)
        {
            _state.Op = _opIndex;
            _state.Position = _opPosition;
        }
        else
        {
            _state.Position = _reader.Position;
        }

        return _state;
    }

    /// <summary>Walks to the next stop.</summary>
    public KafkaStop Next()
    {
        while (_state.Op < _ops.Length && _error == ProtocolErrorCode.None)
        {
            _opIndex = _state.Op;
            _opPosition = _reader.Position;
            ref readonly var op = ref _ops[_state.Op++];
            var stop = KafkaStop.End;
            switch (op.Code)
            {
                case KafkaOpCode.Skip:
                    Check(_reader.TrySkip(op.Argument), ProtocolErrorCode.Truncated);
                    break;
                case KafkaOpCode.Error:
                    Check(_reader.TrySkip(sizeof(short)), ProtocolErrorCode.Truncated);
                    break;
                case KafkaOpCode.Number:
                    ReadNumber(op);
                    break;
                case KafkaOpCode.String:
                    ReadString(op.IsNullable);
                    break;
                case KafkaOpCode.Bytes:
                    stop = StepOverBytes(op.IsNullable);
                    break;
                case KafkaOpCode.GroupType:
                    ByteCount = ReadString(nullable: false).Length;
                    stop = Subscribed(KafkaStop.GroupType);
                    break;
                case KafkaOpCode.Subscription:
                    stop = StepOverBytes(nullable: false);
                    stop = stop == KafkaStop.End ? Subscribed(KafkaStop.Subscription) : stop;
                    break;
                case KafkaOpCode.Name:
                    stop = ReadName(op);
                    break;
                case KafkaOpCode.TopicId:
                    stop = Yield(KafkaNameKind.Topic, Held(), ReadId(), 0);
                    break;
                case KafkaOpCode.HoldName:
                    Hold(ReadString(op.IsNullable).Length);
                    break;
                case KafkaOpCode.HoldId:
                    Hold(ReadId().Length);
                    break;
                case KafkaOpCode.HoldType:
                    _state.HeldType = ReadType();
                    break;
                case KafkaOpCode.Resource:
                    stop = Yield(KafkaNameKinds.OfResource(_state.HeldType), ReadString(op.IsNullable), default, _state.HeldType);
                    break;
                case KafkaOpCode.CoordinatorKey:
                    stop = Yield(KafkaNameKinds.OfCoordinator(_state.HeldType), ReadString(op.IsNullable), default, 0);
                    break;
                case KafkaOpCode.CoordinatorType:
                    stop = Yield(KafkaNameKinds.OfCoordinator(ReadType()), Held(), default, 0);
                    break;
                case KafkaOpCode.Partition:
                    stop = ReadPartition();
                    break;
                case KafkaOpCode.ArrayBegin:
                    stop = BeginArray(op);
                    break;
                case KafkaOpCode.ArrayEnd:
                    EndedDepth = _state.Depth;
                    _state.Op = _state.NextElement() ? op.Argument + 1 : _state.Op;
                    stop = op.IsBound ? Structural(KafkaStop.ElementEnd) : stop;
                    break;
                case KafkaOpCode.FixedArray:
                    Check(!TryReadCount(op.IsNullable, out var count) || _reader.TrySkip((long)Math.Max(count, 0) * op.Argument), OfLength((long)count * op.Argument));
                    break;
                case KafkaOpCode.Optional:
                    EnterOptional(op.Argument);
                    break;
                case KafkaOpCode.Tags:
                    ReadTags(op.Argument);
                    break;
            }

            if (stop != KafkaStop.End)
            {
                return stop;
            }
        }

        if (_error == ProtocolErrorCode.None && _reader.Remaining + _ahead > 0)
        {
            _error = ProtocolErrorCode.TrailingBytes;
        }

        return KafkaStop.End;
    }

    // only walks with structure stop at more than names
    private readonly KafkaStop Structural(KafkaStop stop) =>
        (_mode & KafkaWalkMode.Structure) != 0 && _error == ProtocolErrorCode.None ? stop : KafkaStop.End;

    private readonly KafkaStop Subscribed(KafkaStop stop) =>
        (_mode & KafkaWalkMode.Subscriptions) != 0 && _error == ProtocolErrorCode.None ? stop : KafkaStop.End;

    private KafkaStop ReadName(in KafkaOp op)
    {
        var bytes = ReadString(op.IsNullable);
        var kind = (KafkaNameKind)op.Argument;
        var id = Held();

        // the null name of Metadata stands beside an id; no other null names anything, nor does an empty pattern
        return bytes.IsEmpty && ((_isNull && kind != KafkaNameKind.Topic) || kind == KafkaNameKind.TopicPattern)
            ? KafkaStop.End
            : Yield(kind, bytes, id, 0);
    }

    private KafkaStop Yield(KafkaNameKind kind, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> id, sbyte resourceType)
    {
        if (_error != ProtocolErrorCode.None)
        {
            return KafkaStop.End;
        }

        _state.HeldLength = 0;
        _state.TopicCount += kind == KafkaNameKind.Topic && resourceType == 0 ? 1 : 0;
        if (!id.IsEmpty)
        {
            kind = bytes.IsEmpty ? KafkaNameKind.TopicId : kind;
            id = id.ContainsAnyExcept((byte)0) ? id : default;
        }

        Current = new KafkaName(kind, _state.NameCount++, bytes, id, resourceType);
        return KafkaStop.Name;
    }

    // the span read last, which ends where the reader stands
    private void Hold(int length)
    {
        _state.HeldStart = _reader.Position - length;
        _state.HeldLength = length;
    }

    private readonly ReadOnlySpan<byte> Held() => _state.HeldLength == 0 ? default : _body.Slice(_state.HeldStart, _state.HeldLength);

    private KafkaStop ReadPartition()
    {
        Check(_reader.TryReadInt32(out var partition), ProtocolErrorCode.Truncated);
        Partition = partition;
        return Structural(KafkaStop.Partition);
    }

    private KafkaStop BeginArray(in KafkaOp op)
    {
        var start = _reader.Position;
        if (!TryReadCount(op.IsNullable, out var count))
        {
            return KafkaStop.End;
        }

        _state.AsksForAll |= count < 0 && (op.Flags & KafkaOpFlags.NamesTopics) != 0;

        // every element takes at least one byte, so this bounds the walk by the frame
        if (count > (long)_reader.Remaining + _ahead)
        {
            _error = ProtocolErrorCode.KafkaLength;
            return KafkaStop.End;
        }

        if (count <= 0)
        {
            _state.Op = op.Argument + 1;
        }
        else if ((op.Flags & KafkaOpFlags.BarePartitions) != 0 && (_mode & KafkaWalkMode.Structure) == 0)
        {
            Check(_reader.TrySkip((long)count * sizeof(int)), OfLength((long)count * sizeof(int)));
            _state.Op = op.Argument + 1;
        }
        else
        {
            _state.Push(count, (op.Flags & KafkaOpFlags.HoldsNames) != 0);
        }

        ArrayOp = _opIndex;
        IsNull = count < 0;
        Count = Math.Max(count, 0);
        CountStart = start;
        return op.IsBound ? Structural(KafkaStop.ArrayBegin) : KafkaStop.End;
    }

    // A nullable struct is announced by a signed byte, 1 or -1, in flexible versions too.
    private void EnterOptional(int behind)
    {
        Check(_reader.TryReadByte(out var presence), ProtocolErrorCode.Truncated);
        Check(presence is 1 or 0xFF, ProtocolErrorCode.KafkaLength);
        _state.Op = presence == 0xFF ? behind : _state.Op;
    }

    private void ReadNumber(in KafkaOp op)
    {
        var value = 0;
        if (op.Argument == sizeof(int))
        {
            Check(_reader.TryReadInt32(out value), ProtocolErrorCode.Truncated);
        }
        else if (op.Argument == sizeof(short))
        {
            Check(_reader.TryReadInt16(out var number), ProtocolErrorCode.Truncated);
            value = number;
        }
        else
        {
            value = ReadType();
        }

        if (_error == ProtocolErrorCode.None)
        {
            _state.Numbers.Set((KafkaNumber)op.Default, value, _opPosition);
        }
    }

    private sbyte ReadType()
    {
        Check(_reader.TryReadByte(out var type), ProtocolErrorCode.Truncated);
        return (sbyte)type;
    }

    private void ReadTags(int wanted)
    {
        var read = KafkaTags.TrySkip(ref _reader, wanted == 0 ? -1 : wanted, out var value, out var error);
        Check(read, error != ProtocolErrorCode.KafkaTags && _ahead > 0 ? ProtocolErrorCode.Truncated : error);
        if (wanted != 0 && !value.IsEmpty)
        {
            var state = new SpanReader(value);
            Check(state.TryReadInt32(out var replicaId), ProtocolErrorCode.KafkaLength);
            _state.Numbers.Set(KafkaNumber.ReplicaId, replicaId, _opPosition);
        }
    }

    // -1 for null. Reads an int32 count, or an unsigned varint one larger.
    private bool TryReadCount(bool nullable, out int count)
    {
        if (_flexible)
        {
            Check(_reader.TryReadVarUInt32(out var encoded), IsVarintCut() ? ProtocolErrorCode.Truncated : ProtocolErrorCode.KafkaVarint);
            count = (int)Math.Min(encoded, int.MaxValue) - 1;
        }
        else
        {
            Check(_reader.TryReadInt32(out count), ProtocolErrorCode.Truncated);
        }

        Check(count >= (nullable ? -1 : 0), ProtocolErrorCode.KafkaLength);
        return _error == ProtocolErrorCode.None;
    }

    private readonly bool IsVarintCut() => _reader.Remaining == 0 || (_ahead > 0 && _reader.Remaining < 5);

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
        _isNull = length < 0;
        if (_error == ProtocolErrorCode.None && length > 0)
        {
            Check(_reader.TryRead(length, out bytes), OfLength(length));
        }

        return bytes;
    }

    private KafkaStop StepOverBytes(bool nullable)
    {
        ByteCount = 0;
        if (!TryReadCount(nullable, out var length) || length <= 0)
        {
            return KafkaStop.End;
        }

        ByteCount = length;
        if ((_mode & KafkaWalkMode.Arriving) != 0)
        {
            Check(length <= (long)_reader.Remaining + _ahead, ProtocolErrorCode.KafkaLength);
            return _error == ProtocolErrorCode.None ? KafkaStop.Bytes : KafkaStop.End;
        }

        Check((_mode & KafkaWalkMode.Outline) != 0 || _reader.TrySkip(length), OfLength(length));
        return KafkaStop.End;
    }

    private ReadOnlySpan<byte> ReadId()
    {
        Check(_reader.TryRead(16, out var id), ProtocolErrorCode.Truncated);
        return id;
    }

    // what does not fit the span may still fit the frame
    private readonly ProtocolErrorCode OfLength(long length) =>
        _ahead > 0 && length <= (long)_reader.Remaining + _ahead ? ProtocolErrorCode.Truncated : ProtocolErrorCode.KafkaLength;

    private void Check(bool ok, ProtocolErrorCode otherwise)
    {
        if (!ok && _error == ProtocolErrorCode.None)
        {
            _error = otherwise;
        }
    }
}
