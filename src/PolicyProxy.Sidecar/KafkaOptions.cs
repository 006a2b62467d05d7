namespace PolicyProxy.Sidecar;

/// <summary>What Kafka clients get to see. Immutable.</summary>
internal sealed record KafkaOptions
{
    /// <summary>See <see cref="Enforcement.Kafka.KafkaDoor.HidesTopics"/>.</summary>
    public bool HidesTopics { get; init; } = true;

    /// <summary>See <see cref="Enforcement.Kafka.KafkaDoor.PrefersNames"/>.</summary>
    public bool PrefersNames { get; init; } = true;
}
