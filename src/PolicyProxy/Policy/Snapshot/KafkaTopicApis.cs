namespace PolicyProxy.Policy.Snapshot;

/// <summary>Which Kafka apis carry topics, so that a rule with a topic constrains them (semantics 7.2).</summary>
internal static class KafkaTopicApis
{
    // Bit n = api key n: 0-6, 8, 9, 19, 20, 21, 23, 24, 27, 28, 34, 35, 37.
    private const ulong Keys =
        0x7FUL | (1UL << 8) | (1UL << 9) | (1UL << 19) | (1UL << 20) | (1UL << 21) | (1UL << 23) | (1UL << 24)
        | (1UL << 27) | (1UL << 28) | (1UL << 34) | (1UL << 35) | (1UL << 37);

    public static bool CarryTopics(short apiKey) => apiKey is >= 0 and < 64 && (Keys >> apiKey & 1) != 0;
}
