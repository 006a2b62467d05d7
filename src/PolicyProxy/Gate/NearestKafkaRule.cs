using PolicyProxy.Flows;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Gate;

/// <summary>For a name of a Kafka request, or the request, that no rule allows: the rule that came nearest and the part that missed. Slow path, only for reports.</summary>
internal static class NearestKafkaRule
{
    /// <summary>The nearest rule; null if there is none.</summary>
    /// <param name="policy">What judged.</param>
    /// <param name="call">The request.</param>
    /// <param name="walk">At the name; <c>default</c> asks about the request as a whole.</param>
    public static NearestRule? Find(ConnectionPolicy policy, in KafkaCall call, in KafkaNameWalk walk)
    {
        var at = walk.AtMissed();
        KafkaMatchRule? best = null;
        var bestScore = -1;
        foreach (var rule in policy.KafkaRules)
        {
            var score = Score(rule, call, at);
            if (score > bestScore && !policy.GrantsKafka(rule, call, at))
            {
                bestScore = score;
                best = rule;
            }
        }

        return best is null ? null : new NearestRule(best.Origin, KafkaMissText.Of(best, call, at));
    }

    /// <summary>What missed; empty if the rule allows it.</summary>
    public static string Compare(ConnectionPolicy policy, KafkaMatchRule rule, in KafkaCall call, in KafkaNameWalk walk) =>
        policy.GrantsKafka(rule, call, walk) ? string.Empty : KafkaMissText.Of(rule, call, walk.AtMissed());

    // A name that fits tells more than a role that fits: most rules share theirs.
    private static int Score(KafkaMatchRule rule, in KafkaCall call, in KafkaNameWalk walk)
    {
        var name = walk.Name;
        var own = name.Kind switch
        {
            KafkaNameKind.Topic or KafkaNameKind.TopicId => rule.Topic,
            KafkaNameKind.Group => rule.GroupId,
            KafkaNameKind.TransactionalId => rule.TransactionalId,
            _ => [],
        };
        return (own.Length == 0 || call.NameOf(name).SequenceEqual(own) ? 8 : 0)
            + (rule.GrantsIn(call.Request.ApiKey) != KafkaGrants.None ? 4 : 0)
            + (rule.ClientId.Length == 0 || call.Request.ClientId.SequenceEqual(rule.ClientId) ? 2 : 0)
            + (rule.ApiVersion is null || rule.ApiVersion == call.Request.ApiVersion ? 1 : 0);
    }
}
