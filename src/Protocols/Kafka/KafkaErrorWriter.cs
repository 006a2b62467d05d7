namespace PolicyProxy.Protocols.Kafka;

/// <summary>What an error writer knows of the struct it writes.</summary>
internal ref struct KafkaAnswered
{
    /// <summary>First name of the struct in the request.</summary>
    public KafkaName Name;

    /// <summary>Its partition.</summary>
    public int Partition;

    /// <summary>Its error, or that of what it is in; 0 for none.</summary>
    public short Error;

    /// <summary>True if it or what it is in has an error: its elements are left out where it can say so itself.</summary>
    public bool HasFailed;
}

/// <summary>
/// Writes the body of an error response: goes through the response layout and, for arrays that answer the request, through the request
/// beside it. Allocates nothing.
/// </summary>
internal ref struct KafkaErrorWriter
{
    private readonly ReadOnlySpan<KafkaOp> _ops;
    private readonly ReadOnlySpan<short> _errors;
    private readonly short _otherwise;
    private readonly bool _isRest;
    private KafkaBodyWalker _request;
    private KafkaStop _stop;

    /// <summary>Starts in front of both bodies.</summary>
    /// <param name="layout">Layout of the response.</param>
    /// <param name="request">A walk over the request, with structure.</param>
    /// <param name="errors">By position of the names; 0 or missing for none.</param>
    /// <param name="otherwise">For what none of the errors is about; 0: such elements are left out.</param>
    public KafkaErrorWriter(KafkaLayout layout, KafkaBodyWalker request, ReadOnlySpan<short> errors, short otherwise)
    {
        _ops = layout.Ops;
        _request = request;
        _errors = errors;
        _otherwise = otherwise;
        _isRest = otherwise == 0;
    }

    /// <summary>Writes the body.</summary>
    public void WriteBody(KafkaLayout layout, scoped ref KafkaFrameWriter output)
    {
        var first = layout.Answer == KafkaAnswer.ForAll ? FirstError(_request) : (short)0;
        var top = Collect(layout.Answer == KafkaAnswer.ForAll && first == 0 ? _otherwise : first);
        _stop = layout.Answer == KafkaAnswer.ForAll ? KafkaStop.End : _stop;
        WriteStruct(0, _ops.Length, top, ref output);
    }

    /// <summary>Writes one struct, without anything of the request beside it.</summary>
    public void WriteAlone(int begin, int end, scoped in KafkaAnswered answered, scoped ref KafkaFrameWriter output)
    {
        _stop = KafkaStop.End;
        WriteStruct(begin, end, answered, ref output);
    }

    private void WriteStruct(int begin, int end, scoped in KafkaAnswered answered, scoped ref KafkaFrameWriter output)
    {
        var saysItself = answered.HasFailed && HasError(_ops, begin, end);
        for (var i = begin; i < end; i++)
        {
            ref readonly var op = ref _ops[i];
            switch (op.Code)
            {
                case KafkaOpCode.Skip:
                    output.Number(op.Argument, op.Default);
                    break;
                case KafkaOpCode.String:
                    output.String([], op.IsNullable && op.Default != KafkaLayoutField.EmptyText);
                    break;
                case KafkaOpCode.Bytes:
                    output.Count(0);
                    break;
                case KafkaOpCode.Name or KafkaOpCode.HoldName or KafkaOpCode.Resource or KafkaOpCode.CoordinatorKey:
                    output.String(answered.Name.Bytes, op.IsNullable);
                    break;
                case KafkaOpCode.TopicId or KafkaOpCode.HoldId:
                    output.Id(answered.Name.IdBytes);
                    break;
                case KafkaOpCode.HoldType:
                    output.Byte((byte)answered.Name.ResourceType);
                    break;
                case KafkaOpCode.Partition:
                    output.Number(sizeof(int), answered.Partition);
                    break;
                case KafkaOpCode.Error:
                    output.Number(sizeof(short), answered.Error);
                    break;
                case KafkaOpCode.ArrayBegin:
                    WriteArray(i, answered, saysItself, ref output);
                    i = op.Argument;
                    break;
                case KafkaOpCode.FixedArray:
                    output.Count(op.IsNullable ? -1 : 0);
                    break;
                case KafkaOpCode.Optional:
                    output.Byte(byte.MaxValue);
                    i = op.Argument - 1;
                    break;
                case KafkaOpCode.Tags:
                    output.Byte(0);
                    break;
            }
        }
    }

    private void WriteArray(int index, scoped in KafkaAnswered answered, bool isLeftOut, scoped ref KafkaFrameWriter output)
    {
        var op = _ops[index];
        if (!op.IsBound || isLeftOut || _stop != KafkaStop.ArrayBegin || _request.Count == 0)
        {
            output.Count(op.IsNullable && !op.IsBound ? -1 : 0);
            return;
        }

        var count = _request.Count;
        var depth = _request.Depth;
        var leavesOut = _isRest && (op.Flags & KafkaOpFlags.HoldsNames) != 0;
        output.Count(leavesOut ? CountOfErrors(_request, count, depth) : count);
        for (var i = 0; i < count; i++)
        {
            if (leavesOut && FirstErrorOfElement(_request, depth) == 0)
            {
                _stop = KafkaStop.Name;
            }
            else
            {
                var element = Collect(answered.Error);
                WriteStruct(index + 1, op.Argument, element, ref output);
            }

            EndElement(depth);
        }

        _stop = KafkaStop.Name;
    }

    /// <summary>True if the struct has an error of its own, not only elements in it.</summary>
    internal static bool HasError(ReadOnlySpan<KafkaOp> ops, int begin, int end)
    {
        for (var i = begin; i < end; i++)
        {
            if (ops[i].Code == KafkaOpCode.Error)
            {
                return true;
            }

            i = ops[i].Code == KafkaOpCode.ArrayBegin ? ops[i].Argument : i;
        }

        return false;
    }

    // reads the names and the partition of a struct up to its first array or its end
    private KafkaAnswered Collect(short inherited)
    {
        KafkaAnswered answered = default;
        short own = 0;
        while ((_stop = _request.Next()) is KafkaStop.Name or KafkaStop.Partition)
        {
            if (_stop == KafkaStop.Partition)
            {
                answered.Partition = _request.Partition;
                continue;
            }

            answered.Name = answered.Name.Kind == KafkaNameKind.None ? _request.Current : answered.Name;
            own = own == 0 ? ErrorOf(_request.Current) : own;
        }

        var hasElements = _stop == KafkaStop.ArrayBegin && _request.Count > 0;
        answered.HasFailed = own != 0 || inherited != 0;
        answered.Error = own != 0 ? own : inherited != 0 ? inherited : hasElements ? (short)0 : _otherwise;
        return answered;
    }

    private void EndElement(int depth)
    {
        while (_stop != KafkaStop.End && !(_stop == KafkaStop.ElementEnd && _request.EndedDepth == depth))
        {
            _stop = _request.Next();
        }
    }

    private readonly short ErrorOf(in KafkaName name) => name.Position < _errors.Length ? _errors[name.Position] : (short)0;

    private readonly short FirstError(KafkaBodyWalker walker)
    {
        KafkaStop stop;
        while ((stop = walker.Next()) != KafkaStop.End)
        {
            if (stop == KafkaStop.Name && ErrorOf(walker.Current) is not 0 and var error)
            {
                return error;
            }
        }

        return 0;
    }

    private readonly short FirstErrorOfElement(KafkaBodyWalker walker, int depth) => FirstErrorOfElement(ref walker, depth);

    private readonly short FirstErrorOfElement(scoped ref KafkaBodyWalker walker, int depth)
    {
        short error = 0;
        KafkaStop stop;
        while ((stop = walker.Next()) != KafkaStop.End && !(stop == KafkaStop.ElementEnd && walker.EndedDepth == depth))
        {
            error = stop == KafkaStop.Name && error == 0 ? ErrorOf(walker.Current) : error;
        }

        return error;
    }

    private readonly int CountOfErrors(KafkaBodyWalker walker, int count, int depth)
    {
        var errors = 0;
        for (var i = 0; i < count; i++)
        {
            errors += FirstErrorOfElement(ref walker, depth) != 0 ? 1 : 0;
        }

        return errors;
    }
}
