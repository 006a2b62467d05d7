namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// Copies a body without the elements whose names are refused, at any depth, and corrects the counts around them. What is written is never
/// longer than what is read. Each byte is walked once: an element is copied first and taken back if it turns out to be refused.
/// </summary>
internal ref struct KafkaElementFilter<TRefusal>(KafkaLayout layout, ReadOnlySpan<byte> body, TRefusal refusal, KafkaRefused refused)
    where TRefusal : IKafkaRefusal, allows ref struct
{
    private readonly KafkaLayout _layout = layout;
    private readonly ReadOnlySpan<byte> _body = body;
    private readonly KafkaRefused _refused = refused;
    private readonly TRefusal _refusal = refusal;
    private KafkaBodyWalker _walker = new(layout, body, KafkaWalkMode.Structure);
    private KafkaName _name;
    private int _copied;

    /// <summary>Copies the body up to its end; false if it is malformed, and then what was written means nothing.</summary>
    public bool TryWrite(scoped ref KafkaFrameWriter output)
    {
        CopyStruct(0, ref output);
        return _walker.IsReadableResponse;
    }

    // true if a name of the struct itself is refused
    private bool CopyStruct(int depth, scoped ref KafkaFrameWriter output)
    {
        var isRefused = false;
        while (true)
        {
            switch (_walker.Next())
            {
                case KafkaStop.Name when _walker.Depth == depth && _refusal.Refuses(_walker.Current):
                    _name = _walker.Current;
                    isRefused = true;
                    break;
                case KafkaStop.ArrayBegin when _walker.ArrayHoldsNames && _walker.Count > 0:
                    CopyArray(ref output);
                    break;
                case KafkaStop.ElementEnd when _walker.EndedDepth == depth:
                case KafkaStop.End:
                    CopyUpTo(_walker.Position, ref output);
                    return isRefused;
                default:
                    break;
            }
        }
    }

    private void CopyArray(scoped ref KafkaFrameWriter output)
    {
        var count = _walker.Count;
        var depth = _walker.Depth;
        var op = _walker.ArrayOp;
        CopyUpTo(_walker.CountStart, ref output);
        _copied = _walker.Position;
        var countStart = output.Length;
        output.Count(count);
        var kept = 0;
        for (var i = 0; i < count && _walker.IsReadableResponse; i++)
        {
            var start = output.Length;
            if (CopyStruct(depth, ref output))
            {
                output.TakeBack(start);
                kept += Show(op, ref output) ? 1 : 0;
            }
            else
            {
                kept++;
            }
        }

        output.LowerCount(countStart, count, kept);
    }

    private readonly bool Show(int arrayOp, scoped ref KafkaFrameWriter output)
    {
        var end = _layout.Ops[arrayOp].Argument;
        if (_refused == KafkaRefused.Omitted || !KafkaErrorWriter.HasError(_layout.Ops, arrayOp + 1, end))
        {
            return false;
        }

        var name = _refused == KafkaRefused.ShownById ? new KafkaName(_name.Kind, 0, [], _name.IdBytes, 0) : new KafkaName(_name.Kind, 0, _name.Bytes, [], 0);
        var writer = new KafkaErrorWriter(_layout, default, [], 0);
        writer.WriteAlone(arrayOp + 1, end, new KafkaAnswered { Name = name, Error = KafkaError.TopicAuthorizationFailed }, ref output);
        return true;
    }

    private void CopyUpTo(int position, scoped ref KafkaFrameWriter output)
    {
        output.Bytes(_body[_copied..position]);
        _copied = position;
    }
}
