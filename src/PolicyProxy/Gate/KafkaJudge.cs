using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Gate;

/// <summary>Judges Kafka requests (semantics 7.2).</summary>
internal abstract class KafkaJudge : IProtocolJudge<KafkaRequest>
{
    public static Verdict Judge(ConnectionPolicy policy, in ConnectionPermit permit, in KafkaRequest request) =>
        policy.Kind == L7Kind.Kafka ? policy.CheckKafka(request) : new Verdict(false, VerdictReason.ProtocolError);

    public static ReadOnlySpan<char> NameIn(in KafkaRequest request) => [];
}
