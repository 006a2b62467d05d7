namespace PolicyProxy.Protocols.Kafka;

/// <summary>How the body of one request version is laid out. Immutable.</summary>
/// <param name="Ops">The steps; the last one ends the body.</param>
/// <param name="IsFlexible">True from the first version with compact lengths and tagged fields (KIP-482); header v2.</param>
internal sealed record KafkaLayout(KafkaOp[] Ops, bool IsFlexible);
