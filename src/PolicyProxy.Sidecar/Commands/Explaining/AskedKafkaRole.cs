using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>What <c>produce TOPIC</c> and <c>consume TOPIC</c> ask: the request that does it, and those that clients send around it.</summary>
/// <param name="Main">Produce or Fetch.</param>
/// <param name="Others">What else today's clients need.</param>
internal sealed record AskedKafkaRole(AskedKafka Main, IReadOnlyList<AskedKafka> Others)
{
    private const short InitProducerId = 22;
    private const short EndTxn = 26;

    /// <summary>A producer: idempotent, as is the default of most, and transactional with a transactional id.</summary>
    public static AskedKafkaRole Producer(string topic, AskedKafkaOptions options)
    {
        short[] others = options.TransactionalId.Length == 0
            ? [KafkaApi.Metadata, InitProducerId]
            : [KafkaApi.Metadata, KafkaApi.FindCoordinator, InitProducerId, KafkaApi.AddPartitionsToTxn, EndTxn];
        return Of(KafkaApi.Produce, others, topic, options with { Group = string.Empty });
    }

    /// <summary>A consumer, of a group if one is given.</summary>
    public static AskedKafkaRole Consumer(string topic, AskedKafkaOptions options)
    {
        short[] others = options.Group.Length == 0
            ? [KafkaApi.Metadata, KafkaApi.ListOffsets]
            : [KafkaApi.Metadata, KafkaApi.FindCoordinator, KafkaApi.JoinGroup, KafkaApi.OffsetFetch, KafkaApi.OffsetCommit, KafkaApi.ListOffsets];
        return Of(KafkaApi.Fetch, others, topic, options with { TransactionalId = string.Empty });
    }

    // The version that is given is the main request's.
    private static AskedKafkaRole Of(short main, short[] others, string topic, AskedKafkaOptions options) => new(
        new AskedKafka(main, topic, options),
        [.. others.Select(key => new AskedKafka(key, NamesTopic(key) ? topic : string.Empty, options with { ApiVersion = null }))]);

    private static bool NamesTopic(short key) => key is not (KafkaApi.FindCoordinator or InitProducerId or EndTxn);
}
