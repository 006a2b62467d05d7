namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// Merges the answers to denied elements into a broker's answers. Groups that both answer are found in the order of the request, which
/// brokers keep; where one does not, its group is answered twice.
/// </summary>
internal ref struct KafkaMerge(KafkaLayout layout, ReadOnlySpan<byte> body, ReadOnlySpan<byte> errors)
{
    /// <summary>How much longer than both together the result can be: the counts of two arrays, each in five bytes.</summary>
    public const int MoreBytes = 16;

    private readonly KafkaLayout _layout = layout;
    private readonly ReadOnlySpan<byte> _body = body;
    private readonly ReadOnlySpan<byte> _errorBody = errors;
    private KafkaBodyWalker _broker = new(layout, body, KafkaWalkMode.Structure);
    private KafkaBodyWalker _errors = new(layout, errors, KafkaWalkMode.Structure);
    private int _copied;

    /// <summary>Writes the merged body; false if one of both is malformed, and then what was written means nothing.</summary>
    public bool TryWrite(scoped ref KafkaFrameWriter output)
    {
        if (!ToArray(ref _broker, 0) || !ToArray(ref _errors, 0) || _broker.ArrayOp != _errors.ArrayOp)
        {
            return false;
        }

        MergeArray(ref output);
        while (_broker.Next() != KafkaStop.End)
        {
            // to the end, for what is malformed there
        }

        CopyUpTo(_broker.Position, ref output);
        return _broker.IsReadableResponse && _errors.IsReadableResponse;
    }

    private void MergeArray(scoped ref KafkaFrameWriter output)
    {
        CopyUpTo(_broker.CountStart, ref output);
        _copied = _broker.Position;
        var (count, errorCount, depth) = (_broker.Count, _errors.Count, DepthOf(_broker.ArrayOp));
        var isNested = _layout.HasNamesInside(_broker.ArrayOp);
        var countStart = output.Length;
        output.Count(count + errorCount);
        var (errorsLeft, merged) = (errorCount, 0);
        for (var i = 0; i < count && _broker.Error.Code == ProtocolErrorCode.None; i++)
        {
            errorsLeft -= isNested ? CopyWholeErrors(errorsLeft, depth, ref output) : 0;
            if (isNested && errorsLeft > 0 && IsSameGroup(depth))
            {
                MergeElement(depth, ref output);
                errorsLeft--;
                merged++;
            }
            else
            {
                ToElementEnd(ref _broker, depth);
                CopyUpTo(_broker.Position, ref output);
            }
        }

        for (; errorsLeft > 0 && _errors.Error.Code == ProtocolErrorCode.None; errorsLeft--)
        {
            CopyError(depth, ref output);
        }

        output.LowerCount(countStart, count + errorCount, count + errorCount - merged);
    }

    private void MergeElement(int depth, scoped ref KafkaFrameWriter output)
    {
        if (ToArray(ref _broker, depth) && ToArray(ref _errors, depth))
        {
            MergeArray(ref output);
        }

        ToElementEnd(ref _broker, depth);
        ToElementEnd(ref _errors, depth);
        CopyUpTo(_broker.Position, ref output);
    }

    // groups that are denied as a whole stand for themselves
    private int CopyWholeErrors(int errorsLeft, int depth, scoped ref KafkaFrameWriter output)
    {
        var copied = 0;
        for (; copied < errorsLeft; copied++)
        {
            var probe = _errors;
            if (ToArray(ref probe, depth) && probe.Count > 0)
            {
                break;
            }

            CopyError(depth, ref output);
        }

        return copied;
    }

    private readonly bool IsSameGroup(int depth)
    {
        var broker = _broker;
        var errors = _errors;
        return broker.Next() == KafkaStop.Name && errors.Next() == KafkaStop.Name && broker.Current.Bytes.SequenceEqual(errors.Current.Bytes)
            && ToArray(ref broker, depth);
    }

    private void CopyError(int depth, scoped ref KafkaFrameWriter output)
    {
        var start = _errors.Position;
        ToElementEnd(ref _errors, depth);
        output.Bytes(_errorBody[start.._errors.Position]);
    }

    private void CopyUpTo(int position, scoped ref KafkaFrameWriter output)
    {
        output.Bytes(_body[_copied..position]);
        _copied = position;
    }

    // to the next array with names in this struct; false at its end
    private static bool ToArray(scoped ref KafkaBodyWalker walker, int depth)
    {
        while (true)
        {
            switch (walker.Next())
            {
                case KafkaStop.ArrayBegin when walker.ArrayHoldsNames:
                    return true;
                case KafkaStop.ElementEnd when walker.EndedDepth == depth:
                case KafkaStop.End:
                    return false;
                default:
                    break;
            }
        }
    }

    private static void ToElementEnd(scoped ref KafkaBodyWalker walker, int depth)
    {
        KafkaStop stop;
        do
        {
            stop = walker.Next();
        }
        while (stop != KafkaStop.End && !(stop == KafkaStop.ElementEnd && walker.EndedDepth == depth));
    }

    // the depth of its elements, also where it has none
    private readonly int DepthOf(int arrayOp)
    {
        var depth = 1;
        for (var i = 0; i < arrayOp; i++)
        {
            depth += _layout.Ops[i].Code == KafkaOpCode.ArrayBegin && _layout.Ops[i].Argument > arrayOp ? 1 : 0;
        }

        return depth;
    }
}
