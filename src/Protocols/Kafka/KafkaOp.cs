namespace PolicyProxy.Protocols.Kafka;

/// <summary>One step of walking a request body of a given version.</summary>
internal enum KafkaOpCode : byte
{
    /// <summary>Step over Argument bytes.</summary>
    Skip,

    /// <summary>A string nobody judges.</summary>
    String,

    /// <summary>Bytes or record batches; stepped over unread.</summary>
    Bytes,

    /// <summary>A topic name that completes a topic.</summary>
    TopicName,

    /// <summary>A topic id that completes a topic.</summary>
    TopicId,

    /// <summary>A topic name whose id follows.</summary>
    HoldName,

    /// <summary>A topic id whose name follows.</summary>
    HoldId,

    /// <summary>Count and start of an array; Argument is the index of its ArrayEnd.</summary>
    ArrayBegin,

    /// <summary>End of one element; Argument is the index of the ArrayBegin.</summary>
    ArrayEnd,

    /// <summary>A whole array of elements of Argument bytes.</summary>
    FixedArray,

    /// <summary>Presence byte of an optional struct; Argument is the index behind it.</summary>
    Optional,

    /// <summary>Tagged fields (KIP-482).</summary>
    Tags,
}

/// <summary>A step and its argument.</summary>
/// <param name="Code">What to do.</param>
/// <param name="Argument">Size or index, see <see cref="KafkaOpCode"/>.</param>
/// <param name="Nullable">True if null is a legal value.</param>
/// <param name="NamesTopics">For ArrayBegin: the elements are topics, so null means all of them.</param>
internal readonly record struct KafkaOp(KafkaOpCode Code, int Argument, bool Nullable, bool NamesTopics);
