namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// Reads requests that arrive in pieces and are never kept whole: record batches are counted off, everything else is kept as an outline of
/// bounded size, in which the names are found. One reader serves the requests of one connection, one after the other; it allocates its
/// outline once. Not thread-safe.
/// </summary>
/// <param name="limits">Bounds, and which bodies are walked.</param>
/// <param name="maxOutlineBytes">Most bytes of a request besides its records; more is TooLarge. 65,536 holds thousands of partitions.</param>
public sealed class KafkaStreamReader(KafkaLimits limits, int maxOutlineBytes = 65_536)
{
    // what is copied at once; at most so many bytes of records are copied in vain
    private const int ChunkBytes = 256;

    private readonly KafkaLimits _limits = limits;
    private readonly byte[] _outline = new byte[maxOutlineBytes];
    private KafkaLayout? _layout;
    private KafkaWalkState _state;
    private int _filled;
    private int _bodyStart;
    private int _recordsLeft;
    private int _frameLeft;
    private bool _hasHeader;
    private bool _hasWalked;

    /// <summary>Why the request is refused; code None otherwise. Its offset is one in the outline.</summary>
    public ProtocolError Error { get; private set; }

    /// <summary>True once the whole frame has been read and is well formed.</summary>
    public bool IsComplete => _hasWalked && _frameLeft == 0 && Error.Code == ProtocolErrorCode.None;

    /// <summary>
    /// True once no further name can come: for Produce as soon as its last topic is named, in front of that topic's partitions; for others
    /// at the end, as what decides about them may stand there. For a body that is not walked behind the header.
    /// </summary>
    public bool HasAllNames => IsComplete || (Error.Code == ProtocolErrorCode.None && _hasHeader && (_layout is null || (IsProduce && !HasNamesLeft)));

    /// <summary>Bytes of the frame that have not been given to <see cref="Read"/> yet.</summary>
    public int Remaining => _frameLeft;

    private bool HasNamesLeft => _state.Op <= _layout!.LastName || _state.HasNamesPending;

    // only with a header behind it
    private bool IsProduce => _outline[0] == 0 && _outline[1] == KafkaApi.Produce;

    /// <summary>Begins a frame.</summary>
    /// <param name="frameBytes">Its length as sent, without the 4 bytes of the length; KafkaFrameLength or TooLarge if impossible.</param>
    public void Begin(int frameBytes)
    {
        Error = frameBytes < KafkaFrameScanner.MinFrameBytes ? new(ProtocolErrorCode.KafkaFrameLength, 0)
            : frameBytes > _limits.MaxFrameBytes ? new(ProtocolErrorCode.TooLarge, 0)
            : default;
        _frameLeft = Math.Max(frameBytes, 0);
        _filled = _bodyStart = _recordsLeft = 0;
        _hasHeader = _hasWalked = false;
        _layout = null;
        _state = new KafkaWalkState();
    }

    /// <summary>Takes the next bytes of the frame.</summary>
    /// <param name="bytes">What came, perhaps with the beginning of the next frame behind it.</param>
    /// <returns>How many of them belong to this frame. Once <see cref="Error"/> is set, no byte is taken.</returns>
    public int Read(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, _frameLeft)];
        var taken = 0;
        while (taken < bytes.Length && Error.Code == ProtocolErrorCode.None)
        {
            if (_recordsLeft > 0)
            {
                var skipped = Math.Min(_recordsLeft, bytes.Length - taken);
                _recordsLeft -= skipped;
                _frameLeft -= skipped;
                taken += skipped;
            }
            else
            {
                taken += Keep(bytes[taken..]);
            }

            Advance();
        }

        return Error.Code == ProtocolErrorCode.None ? taken : 0;
    }

    /// <summary>The request, once <see cref="HasAllNames"/>; a view on the outline, valid until the next call of <see cref="Begin"/> or <see cref="Read"/>.</summary>
    /// <param name="request">The request with all its names; default on failure.</param>
    public bool TryGetRequest(out KafkaRequest request)
    {
        request = default;
        if (!HasAllNames)
        {
            return false;
        }

        var frame = _outline.AsSpan(0, _filled);
        var reader = new SpanReader(frame);
        if (!KafkaRequestHeader.TryRead(ref reader, _limits, out var header, out _))
        {
            return false;
        }

        request = _layout is null
            ? new(header, frame, reader.Position)
            : new(header, frame, _bodyStart, _layout, _state, KafkaWalkMode.Outline, isWhole: false) { IsOutlineComplete = IsComplete };
        return true;
    }

    private int Keep(ReadOnlySpan<byte> bytes)
    {
        if (_hasHeader && _layout is null)
        {
            // nothing is walked, so nothing is kept
            _frameLeft -= bytes.Length;
            return bytes.Length;
        }

        var kept = Math.Min(Math.Min(bytes.Length, ChunkBytes), _outline.Length - _filled);
        if (kept == 0)
        {
            Error = new(ProtocolErrorCode.TooLarge, _filled);
            return 0;
        }

        bytes[..kept].CopyTo(_outline.AsSpan(_filled));
        _filled += kept;
        _frameLeft -= kept;
        return kept;
    }

    private void Advance()
    {
        if (_recordsLeft == 0 && Error.Code == ProtocolErrorCode.None && (_hasHeader || ReadHeader()))
        {
            Walk();
        }
    }

    // false: more bytes are needed, or an error was found
    private bool ReadHeader()
    {
        var reader = new SpanReader(_outline.AsSpan(0, _filled));
        if (KafkaRequestHeader.TryRead(ref reader, _limits, out var header, out var code))
        {
            _layout = KafkaRequest.WalkedLayout(header, _limits);
            if (_layout is not { IsFlexible: true } || KafkaTags.TrySkip(ref reader, out code))
            {
                _bodyStart = reader.Position;
                _hasHeader = true;
                return true;
            }
        }

        if (_frameLeft == 0 || code is not (ProtocolErrorCode.Truncated or ProtocolErrorCode.KafkaLength or ProtocolErrorCode.KafkaVarint))
        {
            Error = new(code, reader.Position);
        }

        return false;
    }

    private void Walk()
    {
        if (_layout is null)
        {
            _hasWalked = true;
            return;
        }

        while (!_hasWalked && _recordsLeft == 0)
        {
            var walker = new KafkaBodyWalker(_layout, _outline.AsSpan(_bodyStart, _filled - _bodyStart), KafkaWalkMode.Arriving, _state, _frameLeft);
            KafkaStop stop;
            do
            {
                stop = walker.Next();
                if (stop == KafkaStop.Name && KafkaRequest.IsAmbiguous(walker.Current, _limits))
                {
                    Error = new(ProtocolErrorCode.KafkaTopicReference, _bodyStart + walker.Position);
                    return;
                }
            }
            while (stop is not (KafkaStop.End or KafkaStop.Bytes));

            if (stop == KafkaStop.Bytes)
            {
                _state = walker.Leave();
                LeaveOut(walker.ByteCount);
            }
            else if (walker.Error.Code == ProtocolErrorCode.Truncated && _frameLeft > 0)
            {
                _state = walker.Leave();
                return;
            }
            else if (walker.Error.Code != ProtocolErrorCode.None)
            {
                Error = walker.Error with { Offset = _bodyStart + walker.Error.Offset };
                return;
            }
            else
            {
                _state = walker.Leave();
                _hasWalked = true;
            }
        }
    }

    // takes the bytes behind the walk out of the outline, and those that are still to come with them
    private void LeaveOut(int count)
    {
        var start = _bodyStart + _state.Position;
        var present = Math.Min(count, _filled - start);
        _outline.AsSpan(start + present, _filled - start - present).CopyTo(_outline.AsSpan(start));
        _filled -= present;
        _recordsLeft = count - present;
    }
}
