namespace PolicyProxy.Protocols.Kafka;

/// <summary>How a response answers an error.</summary>
internal enum KafkaAnswer : byte
{
    /// <summary>Each element of the arrays that answer the request has its own; a struct without such arrays answers for all in it.</summary>
    Each,

    /// <summary>One error, or none at all, for the whole request.</summary>
    ForAll,

    /// <summary>Not from the request alone.</summary>
    None,
}

/// <summary>How the body of one version of a request or response is laid out. Immutable.</summary>
internal sealed class KafkaLayout
{
    /// <summary>Takes the steps.</summary>
    /// <param name="ops">The steps; the last one ends the body.</param>
    /// <param name="isFlexible">True from the first version with compact lengths and tagged fields (KIP-482).</param>
    /// <param name="answer">For responses; Each becomes ForAll if nothing answers the request element by element.</param>
    public KafkaLayout(KafkaOp[] ops, bool isFlexible, KafkaAnswer answer)
    {
        Ops = ops;
        IsFlexible = isFlexible;
        Answer = answer == KafkaAnswer.Each && !Array.Exists(ops, op => op.IsBound) ? KafkaAnswer.ForAll : answer;
        ForAll = Answer == KafkaAnswer.ForAll ? this : new KafkaLayout(ops, isFlexible, KafkaAnswer.ForAll);
        LastName = Array.FindLastIndex(ops, GivesName);
    }

    /// <summary>The steps.</summary>
    public KafkaOp[] Ops { get; }

    /// <summary>True for compact lengths and tagged fields.</summary>
    public bool IsFlexible { get; }

    /// <summary>How the response answers an error.</summary>
    public KafkaAnswer Answer { get; }

    /// <summary>The same layout, answering for the whole request.</summary>
    public KafkaLayout ForAll { get; }

    /// <summary>Index of the last step that gives a name; -1 if none does.</summary>
    public int LastName { get; }

    /// <summary>True if the elements of this array hold arrays with names.</summary>
    public bool HasNamesInside(int arrayOp)
    {
        for (var i = arrayOp + 1; i < Ops[arrayOp].Argument; i++)
        {
            if (Ops[i].Code == KafkaOpCode.ArrayBegin && (Ops[i].Flags & KafkaOpFlags.HoldsNames) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True for a step that completes a name.</summary>
    public static bool GivesName(KafkaOp op) => op.Code is KafkaOpCode.Name or KafkaOpCode.TopicId or KafkaOpCode.Resource
        or KafkaOpCode.CoordinatorKey or KafkaOpCode.CoordinatorType;
}
