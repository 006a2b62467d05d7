using System.Globalization;
using System.Text;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Gate;

/// <summary>Makes the flows of a Kafka request: one for each topic, as Cilium's access log has it.</summary>
internal static class KafkaFlow
{
    /// <summary>Topics of one request that get a flow of their own; one more says how many there were. Same bound as that of topics judged without allocation.</summary>
    private const int MaxTopics = 256;

    /// <summary>Longest note on names that are no topics, in characters, but for the last name.</summary>
    private const int MaxNote = 255;

    /// <summary>Names of one request for which the nearest rule is looked for: each costs a look at every rule.</summary>
    private const int MaxNearest = 8;

    /// <summary>The flows of a judged request.</summary>
    /// <param name="flow">What they share.</param>
    /// <param name="permit">The connection's permit.</param>
    /// <param name="call">The request and what was judged of its names.</param>
    /// <param name="verdict">The verdict on it.</param>
    public static List<FlowRecord> Requests(FlowRecord flow, in ConnectionPermit permit, in KafkaCall call, in Verdict verdict)
    {
        var request = call.Request;
        var error = verdict.Allowed ? (short)0 : call.Error;
        var others = new StringBuilder(!verdict.Allowed && KafkaRoles.IsBetweenBrokers(request) ? "a request between brokers" : string.Empty);
        var flows = new List<FlowRecord>();
        var topics = 0;
        var policy = verdict.Reason == VerdictReason.NoRuleMatched ? Policy(permit, verdict) : null;
        var walk = policy is null ? default : policy.WalkKafka(call);
        var isPartial = !verdict.Allowed && call.IsPartial;
        NearestRule? first = null;
        var nearest = 0;
        foreach (var name in request.Names)
        {
            var rule = walk.MoveNext() && isPartial ? walk.Rule : null;
            if (walk.IsInVain)
            {
                Note(others, name);
                topics = Subscribed(flows, flow, policy!, call, walk);
                break; // JoinGroup names nothing else
            }

            var near = policy is null || walk.Rule is not null || nearest == MaxNearest ? null : NearestKafkaRule.Find(policy, call, walk);
            first ??= near;
            nearest += near is null ? 0 : 1;
            if (name.Kind is not (KafkaNameKind.Topic or KafkaNameKind.TopicId))
            {
                Note(others, name);
            }
            else if (topics++ < MaxTopics)
            {
                var code = call.Errors[name.Position];
                var own = rule is null ? flow with { Nearest = near } : flow with { Verdict = FlowVerdict.Forwarded, Reason = VerdictReason.AllowedByRule, Rule = rule.Origin };
                flows.Add(own with { Uuid = Guid.NewGuid(), L7 = L7(request, Topic(call, name), code) });
            }
        }

        if (topics > MaxTopics)
        {
            flows.Add(flow with { Uuid = Guid.NewGuid(), L7 = L7(request, string.Empty, error), Note = $"{topics} topics, of which {MaxTopics} are shown" });
        }
        else if (topics == 0)
        {
            var near = first ?? (policy is null ? null : NearestKafkaRule.Find(policy, call, default));
            flows.Add(flow with { Nearest = near, L7 = L7(request, string.Empty, error) });
        }

        var note = others.ToString();
        return note.Length == 0 ? flows : [.. flows.Select(f => f.Note.Length == 0 ? f with { Note = note } : f)];
    }

    // One for each topic that the group would be joined for. A member subscribes anew in every protocol it offers.
    private static int Subscribed(List<FlowRecord> flows, FlowRecord flow, ConnectionPolicy policy, in KafkaCall call, in KafkaNameWalk walk)
    {
        var shown = new HashSet<string>();
        var topics = 0;
        _ = KafkaSubscription.TryRead(call.Request, out var subscription);
        foreach (var topic in subscription)
        {
            if (shown.Count == MaxTopics)
            {
                topics++;
            }
            else if (shown.Add(KafkaMissText.Shown(topic.Bytes)))
            {
                topics++;
                var near = topics > MaxNearest ? null : NearestKafkaRule.Find(policy, call, walk.At(topic));
                flows.Add(flow with { Uuid = Guid.NewGuid(), Nearest = near, L7 = L7(call.Request, KafkaMissText.Shown(topic.Bytes), walk.Error) });
            }
        }

        return topics;
    }

    // What is only audited denies nothing.
    private static ConnectionPolicy? Policy(in ConnectionPermit permit, in Verdict verdict) =>
        verdict.Audited ? permit.Policy : permit.Policy?.Enforced ?? permit.Policy;

    // Cilium's record has no place for them.
    private static void Note(StringBuilder note, in KafkaName name)
    {
        var kind = name.Kind switch
        {
            KafkaNameKind.Group => "group",
            KafkaNameKind.TransactionalId => "transactional id",
            KafkaNameKind.TopicPattern => "topic pattern",
            _ => null,
        };
        if (kind is not null && note.Length < MaxNote)
        {
            note.Append(CultureInfo.InvariantCulture, $"{(note.Length == 0 ? string.Empty : ", ")}{kind} {KafkaMissText.Shown(name.Bytes)}");
        }
    }

    private static string Topic(in KafkaCall call, in KafkaName name)
    {
        var known = call.NameOf(name);
        return known.IsEmpty ? name.Id.ToString() : KafkaMissText.Shown(known);
    }

    private static KafkaRecord L7(in KafkaRequest request, string topic, short error) =>
        new(false, TimeSpan.Zero, KafkaMissText.ApiText(request.ApiKey), request.ApiVersion, request.CorrelationId, topic, error);
}
