namespace PolicyProxy.Protocols.Kafka;

/// <summary>Writes the body of a plain request by its layout.</summary>
internal readonly ref struct KafkaPlainBody(ReadOnlySpan<KafkaOp> ops, KafkaPlainNames names)
{
    private readonly ReadOnlySpan<KafkaOp> _ops = ops;
    private readonly KafkaPlainNames _names = names;

    private ReadOnlySpan<byte> Coordinated => _names.Group.IsEmpty ? _names.TransactionalId : _names.Group;

    private ReadOnlySpan<byte> Configured => _names.Topic.IsEmpty ? _names.Group : _names.Topic;

    /// <summary>Writes a struct.</summary>
    /// <param name="begin">Its first step.</param>
    /// <param name="end">Behind its last step.</param>
    /// <param name="output">Receives it.</param>
    /// <param name="isNamed">True if it is about something that is named: then it is about a partition of it, too.</param>
    public void Write(int begin, int end, scoped ref KafkaFrameWriter output, bool isNamed = false)
    {
        for (var i = begin; i < end; i++)
        {
            ref readonly var op = ref _ops[i];
            switch (op.Code)
            {
                case KafkaOpCode.Skip:
                    output.Number(op.Argument, 0);
                    break;
                case KafkaOpCode.Number:
                    output.Number(op.Argument, NumberOf((KafkaNumber)op.Default));
                    break;
                case KafkaOpCode.String:
                    output.String([], op.IsNullable);
                    break;
                case KafkaOpCode.GroupType:
                    output.String(_names.Topic.IsEmpty ? [] : KafkaSubscription.GroupType, op.IsNullable);
                    break;
                case KafkaOpCode.Subscription:
                    KafkaSubscription.Write(_names.Topic, ref output);
                    break;
                case KafkaOpCode.Bytes or KafkaOpCode.FixedArray:
                    output.Count(op.IsNullable ? -1 : 0);
                    break;
                case KafkaOpCode.Name:
                    output.String(NameOf((KafkaNameKind)op.Argument), op.IsNullable);
                    break;
                case KafkaOpCode.HoldName:
                    output.String(_ops[i + 1].Code == KafkaOpCode.CoordinatorType ? Coordinated : _names.Topic, op.IsNullable);
                    break;
                case KafkaOpCode.TopicId:
                    output.Id(i > 0 && _ops[i - 1].Code == KafkaOpCode.HoldName ? default : _names.TopicId);
                    break;
                case KafkaOpCode.HoldId:
                    output.Id(default);
                    break;
                case KafkaOpCode.HoldType:
                    output.Byte(_ops[i + 1].Code == KafkaOpCode.Resource ? ResourceType() : CoordinatorType());
                    break;
                case KafkaOpCode.Resource:
                    output.String(Configured, op.IsNullable);
                    break;
                case KafkaOpCode.CoordinatorKey:
                    output.String(Coordinated, op.IsNullable);
                    break;
                case KafkaOpCode.CoordinatorType:
                    output.Byte(CoordinatorType());
                    break;
                case KafkaOpCode.Partition:
                    output.Number(sizeof(int), 0);
                    break;
                case KafkaOpCode.ArrayBegin:
                    WriteArray(i, isNamed, ref output);
                    i = op.Argument;
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

    private void WriteArray(int index, bool isNamed, scoped ref KafkaFrameWriter output)
    {
        var op = _ops[index];
        if (!Names(index + 1, op.Argument) && !(isNamed && _ops[index + 1].Code == KafkaOpCode.Partition))
        {
            output.Count(op.IsNullable ? -1 : 0);
            return;
        }

        output.Count(1);
        Write(index + 1, op.Argument, ref output, isNamed: true);
    }

    // True if something that is to be named has its place here.
    private bool Names(int begin, int end)
    {
        foreach (ref readonly var op in _ops[begin..end])
        {
            var name = op.Code switch
            {
                KafkaOpCode.Name => NameOf((KafkaNameKind)op.Argument),
                KafkaOpCode.TopicId or KafkaOpCode.HoldName or KafkaOpCode.Subscription => _names.Topic,
                KafkaOpCode.Resource => Configured,
                KafkaOpCode.CoordinatorKey => Coordinated,
                _ => default,
            };
            if (!name.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    private ReadOnlySpan<byte> NameOf(KafkaNameKind kind) => kind switch
    {
        KafkaNameKind.Topic => _names.Topic,
        KafkaNameKind.Group => _names.Group,
        KafkaNameKind.TransactionalId => _names.TransactionalId,
        _ => default,
    };

    // A client, all acknowledgements, no session.
    private static int NumberOf(KafkaNumber number) =>
        number is KafkaNumber.ReplicaId or KafkaNumber.Acks or KafkaNumber.SessionEpoch ? -1 : 0;

    private byte CoordinatorType() => (byte)(_names.Group.IsEmpty && !_names.TransactionalId.IsEmpty ? 1 : 0);

    // 2 topic, 32 group, 4 broker
    private byte ResourceType() => (byte)(!_names.Topic.IsEmpty ? 2 : !_names.Group.IsEmpty ? 32 : 4);
}
