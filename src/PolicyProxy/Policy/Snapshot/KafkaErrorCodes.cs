using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>The error codes a denial is answered with: those that no client retries (Kafka protocol, error codes).</summary>
internal static class KafkaErrorCodes
{
    /// <summary>The code that a denied name of this kind gets.</summary>
    public static short Of(in KafkaName name) => name.Kind switch
    {
        KafkaNameKind.Topic or KafkaNameKind.TopicId or KafkaNameKind.TopicPattern => KafkaError.TopicAuthorizationFailed,
        KafkaNameKind.Group => KafkaError.GroupAuthorizationFailed,
        KafkaNameKind.TransactionalId => KafkaError.TransactionalIdAuthorizationFailed,
        _ => KafkaError.ClusterAuthorizationFailed,
    };

    /// <summary>The code of a denied request that names nothing.</summary>
    public static short Of(short apiKey) => KafkaApi.IsTopicScoped(apiKey) ? KafkaError.TopicAuthorizationFailed : KafkaError.ClusterAuthorizationFailed;
}
