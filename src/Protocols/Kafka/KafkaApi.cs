using System.Collections.Frozen;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>Names and numbers of the Kafka requests. Static and thread-safe; allocates nothing.</summary>
public static class KafkaApi
{
    /// <summary>Writes records.</summary>
    public const short Produce = 0;

    /// <summary>Reads records.</summary>
    public const short Fetch = 1;

    /// <summary>Offsets by time.</summary>
    public const short ListOffsets = 2;

    /// <summary>Brokers and topics.</summary>
    public const short Metadata = 3;

    /// <summary>The one request whose version 0 has no client id.</summary>
    public const short ControlledShutdown = 7;

    /// <summary>Commits a group's offsets.</summary>
    public const short OffsetCommit = 8;

    /// <summary>A group's committed offsets.</summary>
    public const short OffsetFetch = 9;

    /// <summary>Finds a group's or transaction's broker.</summary>
    public const short FindCoordinator = 10;

    /// <summary>Makes its sender a member of a group.</summary>
    public const short JoinGroup = 11;

    /// <summary>Versions the broker speaks.</summary>
    public const short ApiVersions = 18;

    /// <summary>Creates topics.</summary>
    public const short CreateTopics = 19;

    /// <summary>Deletes topics.</summary>
    public const short DeleteTopics = 20;

    /// <summary>Adds partitions to a transaction, all or none.</summary>
    public const short AddPartitionsToTxn = 24;

    /// <summary>Reads records for a share group (KIP-932).</summary>
    public const short ShareFetch = 78;

    /// <summary>Acknowledges records of a share group (KIP-932).</summary>
    public const short ShareAcknowledge = 79;

    /// <summary>Topics in pages (KIP-966).</summary>
    public const short DescribeTopicPartitions = 75;

    // index = api key
    private static readonly string[] Names =
    [
        "Produce", "Fetch", "ListOffsets", "Metadata", "LeaderAndIsr", "StopReplica", "UpdateMetadata", "ControlledShutdown", "OffsetCommit",
        "OffsetFetch", "FindCoordinator", "JoinGroup", "Heartbeat", "LeaveGroup", "SyncGroup", "DescribeGroups", "ListGroups",
        "SaslHandshake", "ApiVersions", "CreateTopics", "DeleteTopics", "DeleteRecords", "InitProducerId", "OffsetForLeaderEpoch",
        "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn", "WriteTxnMarkers", "TxnOffsetCommit", "DescribeAcls", "CreateAcls", "DeleteAcls",
        "DescribeConfigs", "AlterConfigs", "AlterReplicaLogDirs", "DescribeLogDirs", "SaslAuthenticate", "CreatePartitions",
        "CreateDelegationToken", "RenewDelegationToken", "ExpireDelegationToken", "DescribeDelegationToken", "DeleteGroups", "ElectLeaders",
        "IncrementalAlterConfigs", "AlterPartitionReassignments", "ListPartitionReassignments", "OffsetDelete", "DescribeClientQuotas",
        "AlterClientQuotas", "DescribeUserScramCredentials", "AlterUserScramCredentials", "Vote", "BeginQuorumEpoch", "EndQuorumEpoch",
        "DescribeQuorum", "AlterPartition", "UpdateFeatures", "Envelope", "FetchSnapshot", "DescribeCluster", "DescribeProducers",
        "BrokerRegistration", "BrokerHeartbeat", "UnregisterBroker", "DescribeTransactions", "ListTransactions", "AllocateProducerIds",
        "ConsumerGroupHeartbeat", "ConsumerGroupDescribe", "ControllerRegistration", "GetTelemetrySubscriptions", "PushTelemetry",
        "AssignReplicasToDirs", "ListConfigResources", "DescribeTopicPartitions", "ShareGroupHeartbeat", "ShareGroupDescribe", "ShareFetch",
        "ShareAcknowledge", "AddRaftVoter", "RemoveRaftVoter", "UpdateRaftVoter", "InitializeShareGroupState", "ReadShareGroupState",
        "WriteShareGroupState", "DeleteShareGroupState", "ReadShareGroupStateSummary", "StreamsGroupHeartbeat", "StreamsGroupDescribe",
        "DescribeShareGroupOffsets", "AlterShareGroupOffsets", "DeleteShareGroupOffsets",
    ];

    private static readonly string[] PolicyNames = [.. Names.Select((name, key) => key == ListOffsets ? "offsets" : name.ToLowerInvariant())];

    private static readonly FrozenDictionary<string, short> Keys = Names
        .Select((name, key) => (name, key: (short)key))
        .Append((PolicyNames[ListOffsets], ListOffsets))
        .ToFrozenDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.OrdinalIgnoreCase);

    /// <summary>Highest key with a name.</summary>
    public static short MaxKey => (short)(Names.Length - 1);

    /// <summary>The name of a key, such as <c>Produce</c>; null if it has none.</summary>
    /// <param name="apiKey">Any value from the wire.</param>
    public static string? NameOf(short apiKey) => (uint)apiKey < (uint)Names.Length ? Names[apiKey] : null;

    /// <summary>The name policies and flows use: lower case, and <c>offsets</c>, its name in Kafka 0.8, for ListOffsets; null if it has none.</summary>
    /// <param name="apiKey">Any value from the wire.</param>
    public static string? PolicyNameOf(short apiKey) => (uint)apiKey < (uint)PolicyNames.Length ? PolicyNames[apiKey] : null;

    /// <summary>Finds the key of a name, without case. <c>offsets</c> is another name of ListOffsets.</summary>
    /// <param name="name">Such as <c>produce</c>.</param>
    /// <param name="apiKey">The key; 0 on failure.</param>
    public static bool TryParse(ReadOnlySpan<char> name, out short apiKey) =>
        Keys.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out apiKey);

    /// <summary>True for requests that a rule with a topic restricts (semantics 7.2); a rule's topic does not matter for others.</summary>
    /// <param name="apiKey">Any value from the wire.</param>
    public static bool IsTopicScoped(short apiKey) =>
        apiKey is (>= 0 and <= 6) or 8 or 9 or 19 or 20 or 21 or 23 or 24 or 27 or 28 or 34 or 35 or 37;

    /// <summary>Metadata v0 and DescribeTopicPartitions have no null list of topics; the empty one asks for all (KIP-4, KIP-966).</summary>
    /// <param name="request">A request whose body was walked.</param>
    internal static bool EmptyMeansAll(in KafkaRequest request) =>
        request is { TopicCount: 0 } and ({ ApiKey: Metadata, ApiVersion: 0 } or { ApiKey: DescribeTopicPartitions });

    /// <summary>True for the requests whose topics are judged: Produce, Fetch, ListOffsets, Metadata, OffsetCommit, OffsetFetch.</summary>
    /// <param name="apiKey">Any value from the wire.</param>
    internal static bool IsTopicRequest(short apiKey) => apiKey is (>= Produce and <= Metadata) or OffsetCommit or OffsetFetch;
}
