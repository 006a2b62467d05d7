using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Gate;

/// <summary>Judges Kafka requests on a connection. Pure.</summary>
internal static class KafkaJudge
{
    public static Verdict Judge(in ConnectionPermit permit, in KafkaRequest request)
    {
        var policy = permit.Policy;
        if (policy is null || !permit.IsAllowed)
        {
            return policy is null ? default : permit.Verdict;
        }

        var full = Judge(policy, request);
        var enforced = policy.Enforced is { } other ? Judge(other, request) : full;
        return permit.Apply(enforced, full);
    }

    private static Verdict Judge(ConnectionPolicy policy, in KafkaRequest request) => policy.Kind switch
    {
        L7Kind.None => policy.Verdict,
        L7Kind.Kafka => policy.CheckKafka(request),
        _ => new Verdict(false, VerdictReason.ProtocolError),
    };
}
