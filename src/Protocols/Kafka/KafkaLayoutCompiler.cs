namespace PolicyProxy.Protocols.Kafka;

/// <summary>Turns the notation of <see cref="KafkaLayoutTable"/> into steps for one version. Reads our own constants only, so it may throw.</summary>
internal ref struct KafkaLayoutCompiler
{
    private readonly string[] _tokens;
    private readonly short _version;
    private readonly bool _flexible;
    private readonly List<KafkaOp> _ops;
    private int _next;
    private int _depth;
    private int _wantedTag;
    private KafkaAnswer _answer;

    private KafkaLayoutCompiler(string notation, short version, bool flexible)
    {
        _tokens = notation.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _version = version;
        _flexible = flexible;
        _ops = [];
    }

    /// <summary>Compiles one version.</summary>
    public static KafkaLayout Compile(string notation, short version, bool flexible)
    {
        var compiler = new KafkaLayoutCompiler(notation, version, flexible);
        compiler.CompileStruct();
        return new KafkaLayout([.. compiler._ops], flexible, compiler._answer);
    }

    // A struct runs to its closing bracket and ends, if flexible, with tagged fields.
    private void CompileStruct()
    {
        while (_next < _tokens.Length && _tokens[_next][0] is not (']' or '}' or ')'))
        {
            switch (_tokens[_next])
            {
                case "[" or "[#":
                    CompileBlock(KafkaOpCode.ArrayBegin);
                    break;
                case "!top" or "!none":
                    _answer = _tokens[_next++] == "!top" ? KafkaAnswer.ForAll : KafkaAnswer.None;
                    break;
                case "{":
                    CompileBlock(KafkaOpCode.Optional);
                    break;
                case "(":
                    CompileBlock(KafkaOpCode.Skip);
                    break;
                default:
                    CompileField(KafkaLayoutField.Parse(_tokens[_next++], _version));
                    break;
            }
        }

        if (_flexible)
        {
            _ops.Add(new(KafkaOpCode.Tags, _wantedTag));
            _wantedTag = 0;
        }
    }

    private void CompileBlock(KafkaOpCode code)
    {
        var begin = _ops.Count;
        var isMarked = _tokens[_next++] == "[#";
        _ops.Add(new(code));
        _depth += code == KafkaOpCode.ArrayBegin ? 1 : 0;
        if (_depth > KafkaWalkState.MaxDepth)
        {
            throw new FormatException("arrays nest too deep");
        }

        CompileStruct();
        _depth -= code == KafkaOpCode.ArrayBegin ? 1 : 0;
        var closing = KafkaLayoutField.Parse(_tokens[_next++], _version);
        if (!closing.Present)
        {
            _ops.RemoveRange(begin, _ops.Count - begin);
        }
        else if (code == KafkaOpCode.Optional)
        {
            _ops[begin] = new(code, _ops.Count, KafkaOpFlags.Nullable);
        }
        else if (code == KafkaOpCode.ArrayBegin)
        {
            CloseArray(begin, closing.Nullable, isMarked);
        }
    }

    private readonly void CloseArray(int begin, bool nullable, bool isMarked)
    {
        // only the array's own fields decide what null means, not those of arrays inside it
        var first = _ops[begin + 1];
        var namesTopics = first.Code is KafkaOpCode.TopicId or KafkaOpCode.HoldName or KafkaOpCode.HoldId
            || first is { Code: KafkaOpCode.Name, Argument: (int)KafkaNameKind.Topic };
        var holdsNames = _ops.FindIndex(begin, KafkaLayout.GivesName) >= 0;
        var isBound = isMarked || holdsNames || _ops.FindIndex(begin, op => op.Code == KafkaOpCode.Partition) >= 0;
        var flags = (nullable ? KafkaOpFlags.Nullable : 0)
            | (namesTopics ? KafkaOpFlags.NamesTopics : 0)
            | (holdsNames ? KafkaOpFlags.HoldsNames : 0)
            | (isBound ? KafkaOpFlags.Bound : 0);
        _ops[begin] = new(KafkaOpCode.ArrayBegin, _ops.Count, flags);
        _ops.Add(new(KafkaOpCode.ArrayEnd, begin, isBound ? KafkaOpFlags.Bound : 0));
    }

    private void CompileField(KafkaLayoutField field)
    {
        if (!field.Present)
        {
            return;
        }

        if (field.Name == "#replica")
        {
            _wantedTag = 1;
            return;
        }

        if (field.Name.EndsWith('*'))
        {
            CompileArrayOf(field.Name[..^1], field.Nullable);
            return;
        }

        var op = KafkaLayoutField.OpOf(field.Name) with { Flags = field.Nullable ? KafkaOpFlags.Nullable : 0 };
        if (op.Code == KafkaOpCode.Skip && field.Default == 0 && _ops.Count > 0 && _ops[^1] is { Code: KafkaOpCode.Skip, Default: 0 } last)
        {
            _ops[^1] = last with { Argument = last.Argument + op.Argument };
            return;
        }

        _ops.Add(op.Code == KafkaOpCode.Number ? op : op with { Default = field.Default });
    }

    private readonly void CompileArrayOf(string element, bool nullable)
    {
        var op = KafkaLayoutField.OpOf(element);
        var flags = nullable ? KafkaOpFlags.Nullable : 0;
        if (op.Code == KafkaOpCode.Skip)
        {
            _ops.Add(new(KafkaOpCode.FixedArray, op.Argument, flags));
            return;
        }

        // a null list of bare names means "unchanged" (ConsumerGroupHeartbeat), never "all"
        var begin = _ops.Count;
        var isBare = op.Code == KafkaOpCode.Partition;
        var isBound = isBare || KafkaLayout.GivesName(op);
        flags |= (isBound ? KafkaOpFlags.Bound : 0) | (isBare ? KafkaOpFlags.BarePartitions : isBound ? KafkaOpFlags.HoldsNames : 0);
        _ops.Add(new(KafkaOpCode.ArrayBegin, begin + 2, flags));
        _ops.Add(op);
        _ops.Add(new(KafkaOpCode.ArrayEnd, begin, isBound ? KafkaOpFlags.Bound : 0));
    }
}
