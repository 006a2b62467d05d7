using PolicyProxy.Gate;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// Judges whole requests exactly as Cilium does: every topic must be covered, possibly by different rules, and covered topics stay
/// covered from one group of rules to the next (semantics 7.2). Immutable.
/// </summary>
internal sealed class KafkaRequestMatcher(IReadOnlyList<PolicyMapEntry> covering) : KafkaMatcher(covering)
{
    /// <summary>Topics of one request that are tracked without allocation. Requests with more are tracked on the heap.</summary>
    private const int InlineTopics = 256;

    public override Verdict Match(in KafkaCall call)
    {
        var request = call.Request;
        var count = request.TopicCount;
        Span<bool> covered = count <= InlineTopics ? stackalloc bool[InlineTopics] : new bool[count];
        covered = covered[..count];
        covered.Clear();
        foreach (var rule in Rules)
        {
            if (AppliesTo(rule, request)
                && (rule.Topic.Length == 0 || !KafkaApi.IsTopicScoped(request.ApiKey) || Cover(rule.Topic, request, covered)))
            {
                return Allow(rule.Origin);
            }
        }

        return FallThrough is { } open ? Allow(open) : Deny();
    }

    public override bool Grants(KafkaMatchRule rule, in KafkaCall call, in KafkaNameWalk walk) =>
        AppliesTo(rule, call.Request) && (rule.Topic.Length == 0 || !KafkaApi.IsTopicScoped(call.Request.ApiKey) || Names(call.Request, rule.Topic));

    private static bool Names(in KafkaRequest request, ReadOnlySpan<byte> topic)
    {
        foreach (var requested in request.Topics)
        {
            if (requested.Name.SequenceEqual(topic))
            {
                return IsReadByCilium(request.ApiKey);
            }
        }

        return false;
    }

    // Requests of version 0 count as having no client id, and those of newer keys as naming nothing, as in Cilium's parser (semantics
    // 7.2). A rule that names a group or a transactional id matches nothing: Cilium knows of neither.
    private static bool AppliesTo(KafkaMatchRule rule, in KafkaRequest request) =>
        rule.GrantsIn(request.ApiKey) != KafkaGrants.None
        && rule.GroupId.Length == 0
        && rule.TransactionalId.Length == 0
        && (rule.ApiVersion is null || rule.ApiVersion == request.ApiVersion)
        && (rule.ClientId.Length == 0 || (request.ApiVersion != 0 && request.ClientId.SequenceEqual(rule.ClientId)));

    // True when the rule's topic was among the request's and nothing is left uncovered. Asking for all topics leaves some uncovered, and
    // so does a request whose topics Cilium does not read.
    private static bool Cover(ReadOnlySpan<byte> topic, in KafkaRequest request, Span<bool> covered)
    {
        if (!IsReadByCilium(request.ApiKey))
        {
            return false;
        }

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

    private static bool IsReadByCilium(short apiKey) =>
        apiKey is (>= KafkaApi.Produce and <= KafkaApi.Metadata) or KafkaApi.OffsetCommit or KafkaApi.OffsetFetch;
}
