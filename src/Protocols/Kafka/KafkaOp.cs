namespace PolicyProxy.Protocols.Kafka;

/// <summary>One step of walking a body of a given version.</summary>
internal enum KafkaOpCode : byte
{
    /// <summary>Step over Argument bytes.</summary>
    Skip,

    /// <summary>A number that is kept; Argument is its size, Default its <see cref="KafkaNumber"/>.</summary>
    Number,

    /// <summary>A string nobody judges.</summary>
    String,

    /// <summary>Bytes or record batches; stepped over unread.</summary>
    Bytes,

    /// <summary>A name; Argument is its <see cref="KafkaNameKind"/>. Completes a topic whose id came before.</summary>
    Name,

    /// <summary>A topic id; completes a topic whose name came before.</summary>
    TopicId,

    /// <summary>A name whose other half follows.</summary>
    HoldName,

    /// <summary>A topic id whose name follows.</summary>
    HoldId,

    /// <summary>The type of a resource or coordinator key that follows.</summary>
    HoldType,

    /// <summary>Name of a configuration resource whose type came before.</summary>
    Resource,

    /// <summary>Key of a coordinator whose type came before.</summary>
    CoordinatorKey,

    /// <summary>Type of a coordinator whose key came before.</summary>
    CoordinatorType,

    /// <summary>Number of a partition.</summary>
    Partition,

    /// <summary>Error code of the struct it is in.</summary>
    Error,

    /// <summary>Count and start of an array; Argument is the index of its ArrayEnd.</summary>
    ArrayBegin,

    /// <summary>End of one element; Argument is the index of the ArrayBegin.</summary>
    ArrayEnd,

    /// <summary>A whole array of elements of Argument bytes.</summary>
    FixedArray,

    /// <summary>Presence byte of an optional struct; Argument is the index behind it.</summary>
    Optional,

    /// <summary>Type of the protocols of a group.</summary>
    GroupType,

    /// <summary>What a member of the group says to its leader: bytes, in which a consumer names topics.</summary>
    Subscription,

    /// <summary>Tagged fields (KIP-482). Argument 1: tag 1 holds the replica state of a Fetch.</summary>
    Tags,
}

/// <summary>What else is known of a step.</summary>
[Flags]
internal enum KafkaOpFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Null is a legal value.</summary>
    Nullable = 1,

    /// <summary>ArrayBegin: the elements are topics, so null means all of them.</summary>
    NamesTopics = 2,

    /// <summary>ArrayBegin and ArrayEnd: elements are answered one by one; they hold names or partitions, or are marked.</summary>
    Bound = 4,

    /// <summary>ArrayBegin: there is a name somewhere inside.</summary>
    HoldsNames = 8,

    /// <summary>ArrayBegin: every element is a bare partition number.</summary>
    BarePartitions = 16,
}

/// <summary>A step and its argument.</summary>
/// <param name="Code">What to do.</param>
/// <param name="Argument">Size, index or kind, see <see cref="KafkaOpCode"/>.</param>
/// <param name="Flags">What else is known.</param>
/// <param name="Default">What an error response says here; for Number, which one it is.</param>
internal readonly record struct KafkaOp(KafkaOpCode Code, int Argument = 0, KafkaOpFlags Flags = KafkaOpFlags.None, int Default = 0)
{
    /// <summary>True if null is a legal value.</summary>
    public bool IsNullable => (Flags & KafkaOpFlags.Nullable) != 0;

    /// <summary>True if elements are answered one by one.</summary>
    public bool IsBound => (Flags & KafkaOpFlags.Bound) != 0;
}
