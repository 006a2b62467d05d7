using System.Globalization;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>Turns the notation of <see cref="KafkaLayoutTable"/> into steps for one version. Reads our own constants only, so it may throw.</summary>
internal ref struct KafkaLayoutCompiler
{
    private readonly string[] _tokens;
    private readonly short _version;
    private readonly bool _flexible;
    private readonly List<KafkaOp> _ops;
    private int _next;

    private KafkaLayoutCompiler(string notation, short version, bool flexible)
    {
        _tokens = notation.Split(' ');
        _version = version;
        _flexible = flexible;
        _ops = [];
    }

    /// <summary>Compiles one version.</summary>
    public static KafkaLayout Compile(string notation, short version, bool flexible)
    {
        var compiler = new KafkaLayoutCompiler(notation, version, flexible);
        compiler.CompileStruct();
        return new KafkaLayout([.. compiler._ops], flexible);
    }

    // A struct runs to its closing bracket and ends, if flexible, with tagged fields.
    private void CompileStruct()
    {
        while (_next < _tokens.Length && _tokens[_next][0] is not (']' or '}'))
        {
            switch (_tokens[_next])
            {
                case "[":
                    CompileBlock(KafkaOpCode.ArrayBegin);
                    break;
                case "{":
                    CompileBlock(KafkaOpCode.Optional);
                    break;
                default:
                    CompileField(Field.Parse(_tokens[_next++], _version));
                    break;
            }
        }

        if (_flexible)
        {
            _ops.Add(new(KafkaOpCode.Tags, 0, false, false));
        }
    }

    private void CompileBlock(KafkaOpCode code)
    {
        var begin = _ops.Count;
        _ops.Add(new(code, 0, false, false));
        _next++;
        CompileStruct();
        var closing = Field.Parse(_tokens[_next++], _version);
        if (!closing.Present)
        {
            _ops.RemoveRange(begin, _ops.Count - begin);
            return;
        }

        if (code == KafkaOpCode.Optional)
        {
            _ops[begin] = new(code, _ops.Count, Nullable: true, false);
            return;
        }

        // only the array's own fields decide, not those of arrays inside it
        var first = _ops[begin + 1].Code;
        var namesTopics = first is KafkaOpCode.TopicName or KafkaOpCode.TopicId or KafkaOpCode.HoldName or KafkaOpCode.HoldId;
        _ops[begin] = new(code, _ops.Count, closing.Nullable, namesTopics);
        _ops.Add(new(KafkaOpCode.ArrayEnd, begin, false, false));
    }

    private readonly void CompileField(Field field)
    {
        if (!field.Present)
        {
            return;
        }

        if (field.Name.EndsWith('*'))
        {
            CompileArrayOf(field.Name[..^1], field.Nullable);
            return;
        }

        var size = SizeOf(field.Name);
        if (size > 0 && _ops.Count > 0 && _ops[^1].Code == KafkaOpCode.Skip)
        {
            _ops[^1] = _ops[^1] with { Argument = _ops[^1].Argument + size };
            return;
        }

        _ops.Add(new(CodeOf(field.Name), size, field.Nullable, false));
    }

    private readonly void CompileArrayOf(string element, bool nullable)
    {
        if (SizeOf(element) is > 0 and var size)
        {
            _ops.Add(new(KafkaOpCode.FixedArray, size, nullable, false));
            return;
        }

        // a null list of bare names means "unchanged" (ConsumerGroupHeartbeat), never "all"
        var begin = _ops.Count;
        _ops.Add(new(KafkaOpCode.ArrayBegin, begin + 2, nullable, NamesTopics: false));
        _ops.Add(new(CodeOf(element), 0, false, false));
        _ops.Add(new(KafkaOpCode.ArrayEnd, begin, false, false));
    }

    private static KafkaOpCode CodeOf(string name) => name switch
    {
        "s" => KafkaOpCode.String,
        "b" => KafkaOpCode.Bytes,
        "T" => KafkaOpCode.TopicName,
        "I" => KafkaOpCode.TopicId,
        "T~" => KafkaOpCode.HoldName,
        "I~" => KafkaOpCode.HoldId,
        _ when SizeOf(name) > 0 => KafkaOpCode.Skip,
        _ => throw new FormatException(name),
    };

    private static int SizeOf(string name) => name switch
    {
        "i8" => 1,
        "i16" => 2,
        "i32" => 4,
        "i64" => 8,
        "i128" => 16,
        _ => 0,
    };

    /// <summary>One token, resolved for a version.</summary>
    private readonly record struct Field(string Name, bool Present, bool Nullable)
    {
        public static Field Parse(string token, short version)
        {
            var at = token.IndexOf('@', StringComparison.Ordinal);
            var head = at < 0 ? token : token[..at];
            var mark = head.IndexOf('?', StringComparison.Ordinal);
            return new(
                mark < 0 ? head : head[..mark],
                at < 0 || Includes(token[(at + 1)..], version),
                mark >= 0 && (mark == head.Length - 1 || Includes(head[(mark + 1)..], version)));
        }

        private static bool Includes(string range, short version)
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            return range.EndsWith('+') ? version >= Number(range[..^1])
                : dash < 0 ? version == Number(range)
                : version >= Number(range[..dash]) && version <= Number(range[(dash + 1)..]);
        }

        private static short Number(string text) => short.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
