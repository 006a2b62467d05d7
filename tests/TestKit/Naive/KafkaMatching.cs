using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>Kafka rules against one request, which uses up its topics as it goes (semantics 7.2).</summary>
internal sealed class KafkaMatching
{
    private static readonly string[] Names =
        ("produce fetch offsets metadata leaderandisr stopreplica updatemetadata controlledshutdown offsetcommit offsetfetch findcoordinator " +
         "joingroup heartbeat leavegroup syncgroup describegroups listgroups saslhandshake apiversions createtopics deletetopics deleterecords " +
         "initproducerid offsetforleaderepoch addpartitionstotxn addoffsetstotxn endtxn writetxnmarkers txnoffsetcommit describeacls createacls " +
         "deleteacls describeconfigs alterconfigs").Split(' ');

    private static readonly short[] Produce = [0, 3, 18];
    private static readonly short[] Consume = [1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 18];
    private static readonly short[] CarryTopics = [0, 1, 2, 3, 4, 5, 6, 8, 9, 19, 20, 21, 23, 24, 27, 28, 34, 35, 37];
    private static readonly short[] TopicsAreRead = [0, 1, 2, 3, 8, 9];

    private readonly KafkaQuestion _request;
    private readonly string _clientId;
    private readonly HashSet<string> _topics;

    public KafkaMatching(KafkaQuestion request)
    {
        _request = request;
        _clientId = request.ApiVersion == 0 ? "" : request.ClientId ?? "";
        _topics = TopicsAreRead.Contains(request.ApiKey) ? [.. request.Topics] : [];
    }

    /// <summary>True when this rule, with those tried before, allows the whole request.</summary>
    public bool Allows(KafkaRule rule)
    {
        if (!Keys(rule).Contains(_request.ApiKey)
            || (rule.ApiVersion is { Value.Length: > 0 } version && short.Parse(version.Value) != _request.ApiVersion)
            || (rule.ClientId is { Value.Length: > 0 } client && client.Value != _clientId)
            || rule.GroupId is { Value.Length: > 0 }
            || rule.TransactionalId is { Value.Length: > 0 })
        {
            return false;
        }

        if (rule.Topic is not { Value.Length: > 0 } topic || !CarryTopics.Contains(_request.ApiKey))
        {
            return true;
        }

        return _topics.Remove(topic.Value) && _topics.Count == 0;
    }

    public static short KeyOf(string name) => (short)Array.IndexOf(Names, name.ToLowerInvariant());

    private short[] Keys(KafkaRule rule)
    {
        if (rule.Role is { Value.Length: > 0 } role)
        {
            return role.Value.Equals("produce", StringComparison.OrdinalIgnoreCase) ? Produce : Consume;
        }

        return rule.ApiKey is { Value.Length: > 0 } name ? [KeyOf(name.Value)] : [_request.ApiKey];
    }
}
