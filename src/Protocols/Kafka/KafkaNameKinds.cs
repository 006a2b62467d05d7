namespace PolicyProxy.Protocols.Kafka;

/// <summary>What the type in front of or behind a name makes of it.</summary>
internal static class KafkaNameKinds
{
    /// <summary>Of a configuration resource: 2 topic, 32 group.</summary>
    public static KafkaNameKind OfResource(sbyte type) => type switch
    {
        2 => KafkaNameKind.Topic,
        32 => KafkaNameKind.Group,
        _ => KafkaNameKind.Resource,
    };

    /// <summary>Of a coordinator key. A type nobody knows names nothing, so no rule can allow it.</summary>
    public static KafkaNameKind OfCoordinator(sbyte type) => type switch
    {
        0 => KafkaNameKind.Group,
        1 => KafkaNameKind.TransactionalId,
        2 => KafkaNameKind.ShareKey,
        _ => KafkaNameKind.None,
    };
}
