using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>What today's clients need of a broker in each role (ADR-0010); Cilium's lists are of Kafka 0.11.</summary>
internal static class KafkaRoles
{
    private static readonly KafkaGrants[] s_produce = Table(
        (0, KafkaGrants.Topics | KafkaGrants.Transactions), // Produce
        (3, KafkaGrants.Topics), // Metadata
        (10, KafkaGrants.Transactions), // FindCoordinator
        (22, KafkaGrants.Transactions), // InitProducerId, of every idempotent producer too
        (24, KafkaGrants.Topics | KafkaGrants.Transactions), // AddPartitionsToTxn
        (25, KafkaGrants.Transactions | KafkaGrants.Groups), // AddOffsetsToTxn
        (26, KafkaGrants.Transactions), // EndTxn
        (28, KafkaGrants.Transactions | KafkaGrants.Groups), // TxnOffsetCommit: reading the topics is the consumer's right
        (60, KafkaGrants.None), // DescribeCluster
        (75, KafkaGrants.Topics)); // DescribeTopicPartitions

    private static readonly KafkaGrants[] s_consume = Table(
        (1, KafkaGrants.Topics), // Fetch
        (2, KafkaGrants.Topics), // ListOffsets
        (3, KafkaGrants.Topics), // Metadata
        (8, KafkaGrants.Topics | KafkaGrants.Groups), // OffsetCommit
        (9, KafkaGrants.Topics | KafkaGrants.Groups), // OffsetFetch
        (10, KafkaGrants.Groups), // FindCoordinator
        (11, KafkaGrants.Groups), // JoinGroup
        (12, KafkaGrants.Groups), // Heartbeat
        (13, KafkaGrants.Groups), // LeaveGroup
        (14, KafkaGrants.Groups), // SyncGroup
        (23, KafkaGrants.Topics), // OffsetForLeaderEpoch
        (28, KafkaGrants.Topics), // TxnOffsetCommit
        (60, KafkaGrants.None), // DescribeCluster
        (68, KafkaGrants.Topics | KafkaGrants.Groups | KafkaGrants.Rest), // ConsumerGroupHeartbeat (KIP-848), patterns too
        (75, KafkaGrants.Topics), // DescribeTopicPartitions
        (76, KafkaGrants.Topics | KafkaGrants.Groups), // ShareGroupHeartbeat (KIP-932)
        (78, KafkaGrants.Topics | KafkaGrants.Groups), // ShareFetch
        (79, KafkaGrants.Topics | KafkaGrants.Groups)); // ShareAcknowledge

    /// <summary>What a role grants in requests of a key.</summary>
    public static KafkaGrants Of(KafkaRole role, short apiKey) => role switch
    {
        KafkaRole.Produce => At(s_produce, apiKey),
        KafkaRole.Consume => At(s_consume, apiKey),
        _ => KafkaGrants.None,
    };

    /// <summary>True for keys that some role needs.</summary>
    public static bool IsNeeded(short apiKey) => (At(s_produce, apiKey) | At(s_consume, apiKey)) != KafkaGrants.None;

    /// <summary>Versions and authentication come before anything a rule could speak of (kafka.md 7).</summary>
    public static bool IsNegotiation(short apiKey) => apiKey is 17 or KafkaApi.ApiVersions or 36;

    /// <summary>
    /// Requests between brokers: whoever sends one as a client acts as a broker. They need a rule without any limit. 58 is an envelope around any other request.
    /// </summary>
    public static bool IsBetweenBrokers(in KafkaRequest request) =>
        request.ReplicaId >= 0
        || request.ApiKey is (>= 4 and <= 7) or 27 or (>= 52 and <= 54) or 56 or 58 or 59 or (>= 62 and <= 64) or 67 or 70 or 73 or (>= 80 and <= 87);

    private static KafkaGrants At(KafkaGrants[] table, short apiKey) => (uint)apiKey < (uint)table.Length ? table[apiKey] : KafkaGrants.None;

    private static KafkaGrants[] Table(params (short Key, KafkaGrants Grants)[] rows)
    {
        var table = new KafkaGrants[KafkaApi.MaxKey + 1];
        foreach (var (key, grants) in rows)
        {
            table[key] = grants | KafkaGrants.Call;
        }

        return table;
    }
}
