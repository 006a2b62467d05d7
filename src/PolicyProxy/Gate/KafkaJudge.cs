using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Gate;

/// <summary>Judges Kafka requests (semantics 7.2, ADR-0010).</summary>
internal abstract class KafkaJudge : IProtocolJudge<KafkaCall>
{
    // Under audit there are two judgements; the last one, of the enforced policies, leaves its errors.
    public static Verdict Judge(ConnectionPolicy policy, in ConnectionPermit permit, in KafkaCall call)
    {
        call.Errors.Clear();
        return policy.Kind == L7Kind.Kafka ? policy.CheckKafka(call) : new Verdict(false, VerdictReason.ProtocolError);
    }

    // The topic asked for is not the name of who is asked.
    public static ReadOnlySpan<char> NameIn(in KafkaCall call) => [];
}
