namespace PolicyProxy.Policy.Snapshot;

/// <summary>Finds the rules that may speak of a topic: those for it and those for every topic, in the order of the list. Immutable.</summary>
internal sealed class KafkaTopicRules
{
    private readonly KafkaMatchRule[] _forAll;
    private readonly Dictionary<byte[], KafkaMatchRule[]>.AlternateLookup<ReadOnlySpan<byte>> _byTopic;

    public KafkaTopicRules(KafkaMatchRule[] rules)
    {
        _forAll = Array.FindAll(rules, static r => r.Topic.Length == 0);
        var byTopic = new Dictionary<byte[], KafkaMatchRule[]>(ByteStringComparer.Instance);
        foreach (var rule in rules)
        {
            if (rule.Topic.Length > 0 && !byTopic.ContainsKey(rule.Topic))
            {
                byTopic.Add(rule.Topic, Array.FindAll(rules, r => r.Topic.Length == 0 || r.Topic.AsSpan().SequenceEqual(rule.Topic)));
            }
        }

        _byTopic = byTopic.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The rules for a topic; empty stands for one whose name is not known.</summary>
    public KafkaMatchRule[] Find(ReadOnlySpan<byte> topic) => _byTopic.TryGetValue(topic, out var rules) ? rules : _forAll;
}
