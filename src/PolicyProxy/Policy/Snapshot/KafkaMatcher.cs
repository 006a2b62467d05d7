using PolicyProxy.Gate;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// Decides one Kafka request against all Kafka rules that apply to a connection: every topic must be covered, possibly by different
/// rules, and covered topics stay covered from one group of rules to the next (semantics 7.2). Immutable.
/// </summary>
internal sealed class KafkaMatcher
{
    /// <summary>Topics of one request that are tracked without allocation. Requests with more are tracked on the heap.</summary>
    private const int InlineTopics = 256;

    private readonly KafkaMatchRule[] _rules;
    private readonly RuleOrigin? _fallThrough;

    public KafkaMatcher(IReadOnlyList<PolicyMapEntry> covering)
    {
        _rules = [.. covering.Where(e => e.Policy.Parser == L7Kind.Kafka).SelectMany(e => e.Policy.Kafka)];
        _fallThrough = covering.FirstOrDefault(e => !e.Policy.Deny && e.Policy.Parser is L7Kind.None or L7Kind.Tls)?.Policy.Origins[0];
    }

    public Verdict Match(in KafkaRequest request)
    {
        var count = request.TopicCount;
        Span<bool> covered = count <= InlineTopics ? stackalloc bool[InlineTopics] : new bool[count];
        covered = covered[..count];
        covered.Clear();
        foreach (var rule in _rules)
        {
            if (!AppliesTo(rule, request))
            {
                continue;
            }

            if (rule.Topic.Length == 0 || !KafkaApi.IsTopicScoped(request.ApiKey))
            {
                return new Verdict(true, VerdictReason.AllowedByRule, rule.Origin);
            }

            if (Cover(rule.Topic, request, covered))
            {
                return new Verdict(true, VerdictReason.AllowedByRule, rule.Origin);
            }
        }

        return _fallThrough is not null
            ? new Verdict(true, VerdictReason.AllowedByRule, _fallThrough)
            : new Verdict(false, VerdictReason.NoRuleMatched);
    }

    // Group and transactional ids are not read from requests yet: a rule that names one matches nothing until they are.
    private static bool AppliesTo(KafkaMatchRule rule, in KafkaRequest request) =>
        (rule.ApiKeys is null || rule.ApiKeys.Contains(request.ApiKey))
        && rule.GroupId.Length == 0
        && rule.TransactionalId.Length == 0
        && (rule.ApiVersion is null || rule.ApiVersion == request.ApiVersion)

        // Requests of version 0 count as having no client id, as in Cilium's parser (semantics 7.2).
        && (rule.ClientId.Length == 0 || (request.ApiVersion != 0 && request.ClientId.SequenceEqual(rule.ClientId)));

    // True when the rule's topic was among the request's and nothing is left uncovered. Asking for all topics leaves some uncovered.
    private static bool Cover(ReadOnlySpan<byte> topic, in KafkaRequest request, Span<bool> covered)
    {
        var found = false;
        var index = 0;
        foreach (var requested in request.Topics)
        {
            // A topic given by its id alone has no name here and is covered by no rule.
            if (requested.Name.SequenceEqual(topic))
            {
                covered[index] = true;
                found = true;
            }

            index++;
        }

        return found && request.TopicScope == KafkaTopicScope.Listed && !covered.Contains(false);
    }
}
