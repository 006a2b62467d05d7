using System.Globalization;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>One token of the notation, resolved for a version. Reads our own constants only, so it may throw.</summary>
internal readonly record struct KafkaLayoutField(string Name, bool Present, bool Nullable, int Default)
{
    /// <summary>The default of a nullable string that is not null but empty.</summary>
    public const int EmptyText = 1;

    /// <summary>Resolves a token.</summary>
    public static KafkaLayoutField Parse(string token, short version)
    {
        var at = token.IndexOf('@', StringComparison.Ordinal);
        var head = at < 0 ? token : token[..at];
        var equals = head.IndexOf('=', StringComparison.Ordinal);
        var value = equals < 0 ? "0" : head[(equals + 1)..];
        head = equals < 0 ? head : head[..equals];
        var mark = head.IndexOf('?', StringComparison.Ordinal);
        return new(
            mark < 0 ? head : head[..mark],
            at < 0 || Includes(token[(at + 1)..], version),
            mark >= 0 && (mark == head.Length - 1 || Includes(head[(mark + 1)..], version)),
            value == "\"\"" ? EmptyText : int.Parse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }

    /// <summary>The step of a type.</summary>
    public static KafkaOp OpOf(string name) => name switch
    {
        "s" => new(KafkaOpCode.String),
        "b" => new(KafkaOpCode.Bytes),
        "c" => new(KafkaOpCode.GroupType),
        "m" => new(KafkaOpCode.Subscription),
        "T" => new(KafkaOpCode.Name, (int)KafkaNameKind.Topic),
        "G" => new(KafkaOpCode.Name, (int)KafkaNameKind.Group),
        "X" => new(KafkaOpCode.Name, (int)KafkaNameKind.TransactionalId),
        "P" => new(KafkaOpCode.Name, (int)KafkaNameKind.TopicPattern),
        "I" => new(KafkaOpCode.TopicId),
        "T~" or "K~" => new(KafkaOpCode.HoldName),
        "I~" => new(KafkaOpCode.HoldId),
        "r" or "k~" => new(KafkaOpCode.HoldType),
        "R" => new(KafkaOpCode.Resource),
        "K" => new(KafkaOpCode.CoordinatorKey),
        "k" => new(KafkaOpCode.CoordinatorType),
        "p" => new(KafkaOpCode.Partition),
        "e" => new(KafkaOpCode.Error),
        _ => NumberOf(name),
    };

    private static KafkaOp NumberOf(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var size = (dot < 0 ? name : name[..dot]) switch
        {
            "i8" => 1,
            "i16" => 2,
            "i32" => 4,
            "i64" => 8,
            "i128" => 16,
            _ => throw new FormatException(name),
        };
        return dot < 0 ? new(KafkaOpCode.Skip, size) : new(KafkaOpCode.Number, size, Default: (int)KeptAs(name[(dot + 1)..]));
    }

    private static KafkaNumber KeptAs(string name) => name switch
    {
        "replica" => KafkaNumber.ReplicaId,
        "acks" => KafkaNumber.Acks,
        "wait" => KafkaNumber.MaxWait,
        "session" => KafkaNumber.SessionId,
        "epoch" => KafkaNumber.SessionEpoch,
        "create" => KafkaNumber.AutoCreate,
        _ => throw new FormatException(name),
    };

    private static bool Includes(string range, short version)
    {
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        return range.EndsWith('+') ? version >= Number(range[..^1])
            : dash < 0 ? version == Number(range)
            : version >= Number(range[..dash]) && version <= Number(range[(dash + 1)..]);
    }

    private static short Number(string text) => short.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
