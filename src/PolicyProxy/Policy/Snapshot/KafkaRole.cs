namespace PolicyProxy.Policy.Snapshot;

/// <summary>What a Kafka rule is for.</summary>
internal enum KafkaRole : byte
{
    /// <summary>Not given.</summary>
    None = 0,

    Produce,
    Consume,
}
