using PolicyProxy.Gate;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// Judges name by name, so that one denied topic takes nothing from the others, and for what today's clients send (ADR-0010). Every name needs a rule that
/// speaks of it; different names may have different rules. Immutable.
/// </summary>
internal sealed class KafkaNameMatcher : KafkaMatcher
{
    private readonly KafkaTopicRules _byTopic;

    public KafkaNameMatcher(IReadOnlyList<PolicyMapEntry> covering)
        : base(covering) => _byTopic = new KafkaTopicRules(Rules);

    public override Verdict Match(in KafkaCall call)
    {
        var request = call.Request;
        if (FallThrough is { } open)
        {
            return Allow(open);
        }

        if (KafkaRoles.IsNegotiation(request.ApiKey))
        {
            return Allow(Rules[0].Origin);
        }

        if (IsJudgedAsWhole(request))
        {
            return FindForAll(request) is { } rule ? Allow(rule.Origin) : Deny();
        }

        if (AsksForMoreThanNames(request) && FindForAll(request) is null)
        {
            return Deny();
        }

        RuleOrigin? origin = null;
        var isDenied = false;
        var walk = Walk(call);
        while (walk.MoveNext())
        {
            call.Errors[walk.Position] = walk.Error;
            isDenied |= walk.Error != 0;
            origin ??= walk.Rule?.Origin;
        }

        return isDenied ? Deny() : Allow(origin!);
    }

    public override bool Shows(in KafkaCall call, in KafkaName name) => FallThrough is not null || Walk(call).RuleFor(name) is not null;

    // Who only reads a topic must not bring it into being by a typing error.
    public override bool Creates(in KafkaCall call)
    {
        if (FallThrough is not null)
        {
            return true;
        }

        foreach (var name in call.Request.Names)
        {
            if (call.Errors[name.Position] == 0 && Walk(call).RuleFor(name, exceptConsumers: true) is null)
            {
                return false;
            }
        }

        return true;
    }

    public override KafkaNameWalk Walk(in KafkaCall call) => new(this, call);

    public override bool Grants(KafkaMatchRule rule, in KafkaCall call, in KafkaNameWalk walk)
    {
        var request = call.Request;
        return KafkaRoles.IsNegotiation(request.ApiKey)
            || (KafkaNameWalk.IsOfSender(rule, request)
                && (walk.Name.Kind == KafkaNameKind.None || IsJudgedAsWhole(request) ? SpeaksOfAll(rule, request) : walk.Grants(rule)));
    }

    /// <summary>Rules that may speak of a name, in order.</summary>
    public KafkaMatchRule[] RulesFor(in KafkaCall call, in KafkaName name) =>
        name.Kind is KafkaNameKind.Topic or KafkaNameKind.TopicId ? _byTopic.Find(call.NameOf(name)) : Rules;

    private static bool IsJudgedAsWhole(in KafkaRequest request) =>
        request.NameCount == 0 || request.TopicsUnknown || KafkaRoles.IsBetweenBrokers(request);

    // A list of all topics is cut to those that are allowed where its answer can be.
    private static bool AsksForMoreThanNames(in KafkaRequest request) =>
        request.TopicScope == KafkaTopicScope.All && !IsAnswerFiltered(request.ApiKey);

    private static bool IsAnswerFiltered(short apiKey) =>
        apiKey is KafkaApi.Metadata or KafkaApi.OffsetFetch or KafkaApi.DescribeTopicPartitions;

    // The rule for a request as a whole: names play no part, or are not known.
    private KafkaMatchRule? FindForAll(in KafkaRequest request)
    {
        foreach (var rule in Rules)
        {
            if (KafkaNameWalk.IsOfSender(rule, request) && SpeaksOfAll(rule, request))
            {
                return rule;
            }
        }

        return null;
    }

    private static bool SpeaksOfAll(KafkaMatchRule rule, in KafkaRequest request)
    {
        if (rule.IsUnlimited)
        {
            return true;
        }

        var grants = rule.GrantsIn(request.ApiKey);
        if (request.TopicsUnknown || KafkaRoles.IsBetweenBrokers(request))
        {
            return grants == KafkaGrants.All && rule.IsForAllNames && rule.ApiKeys is not null && request.ReplicaId < 0;
        }

        return (grants & KafkaGrants.Call) != 0
            && (rule.IsForAllNames
                || (!AsksForMoreThanNames(request) && (rule.Role != KafkaRole.None || rule.ApiKeys is not null || KafkaRoles.IsNeeded(request.ApiKey))));
    }
}
