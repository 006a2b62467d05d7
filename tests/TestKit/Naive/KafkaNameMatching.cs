using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>Kafka rules against one request, name by name: every name wants a rule of its own (ADR-0010).</summary>
internal static class KafkaNameMatching
{
    // Keys of a role, and what it may name in each: t topics, g groups, x transactional ids.
    private static readonly Dictionary<short, string> Produce = new()
    {
        [0] = "tx", [3] = "t", [10] = "x", [22] = "x", [24] = "tx", [25] = "gx", [26] = "x", [28] = "gx", [60] = "", [75] = "t",
    };

    private static readonly Dictionary<short, string> Consume = new()
    {
        [1] = "t", [2] = "t", [3] = "t", [8] = "tg", [9] = "tg", [10] = "g", [11] = "g", [12] = "g", [13] = "g", [14] = "g", [23] = "t", [28] = "t",
        [60] = "", [68] = "tg", [75] = "t", [76] = "tg", [78] = "tg", [79] = "tg",
    };

    private static readonly short[] Negotiation = [17, 18, 36];

    public static bool Allows(KafkaQuestion request, IReadOnlyList<KafkaRule> rules)
    {
        if (Negotiation.Contains(request.ApiKey))
        {
            return true;
        }

        var names = Names(request).ToList();
        var mine = rules.Where(r => IsFromSender(r, request)).ToList();
        return names.Count == 0
            ? mine.Any(r => Kinds(r, request.ApiKey) is not null && (IsForAllNames(r) || IsForKey(r) || IsNeeded(request.ApiKey)))
            : names.All(n => mine.Any(r => Covers(r, request, n.Kind, n.Name))) && !JoinsInVain(request, rules);
    }

    // A group that is joined for topics of which none may be had: by no rule for joining, fetching, or where to begin.
    private static bool JoinsInVain(KafkaQuestion request, IReadOnlyList<KafkaRule> rules) =>
        request is { ApiKey: 11, Topics.Count: > 0 }
        && !request.Topics.Any(topic => rules.Any(r =>
            (Text(r.ClientId).Length == 0 || Text(r.ClientId) == request.ClientId)
            && (Text(r.Topic).Length == 0 || Text(r.Topic) == topic)
            && (Text(r.GroupId).Length == 0 || (request.GroupId ?? "").Length == 0 || Text(r.GroupId) == request.GroupId)
            && new short[] { 11, 1, 9 }.Any(key => Kinds(r, key)?.Contains('t') == true)));

    private static IEnumerable<(char Kind, string Name)> Names(KafkaQuestion request)
    {
        if (request.ApiKey is 8 or 9 or 10 or 11 or 12)
        {
            yield return ('g', request.GroupId ?? "");
        }

        if (request is { ApiKey: 22, TransactionalId: { } transaction })
        {
            yield return ('x', transaction);
        }

        if (request.ApiKey is 0 or 1 or 2 or 3 or 8 or 9 or 19)
        {
            foreach (var topic in request.Topics)
            {
                yield return ('t', topic);
            }
        }
    }

    private static bool Covers(KafkaRule rule, KafkaQuestion request, char kind, string name)
    {
        var wanted = kind switch { 't' => Text(rule.Topic), 'g' => Text(rule.GroupId), _ => Text(rule.TransactionalId) };
        var mustName = !IsForKey(rule) && !IsForAllNames(rule) && !IsNeeded(request.ApiKey);
        var isGroupRight = kind == 'g' || Text(rule.GroupId).Length == 0 || request.ApiKey is not (8 or 9) || Text(rule.GroupId) == (request.GroupId ?? "");
        return Kinds(rule, request.ApiKey)?.Contains(kind) == true && (wanted == name || (wanted.Length == 0 && !mustName)) && isGroupRight;
    }

    // What the rule may name in requests of a key; null if it says nothing of them.
    private static string? Kinds(KafkaRule rule, short key)
    {
        if (Text(rule.Role) is { Length: > 0 } role)
        {
            return (role.Equals("produce", StringComparison.OrdinalIgnoreCase) ? Produce : Consume).GetValueOrDefault(key);
        }

        return Text(rule.ApiKey) is { Length: > 0 } name && KafkaMatching.KeyOf(name) != key ? null : "tgx";
    }

    private static bool IsFromSender(KafkaRule rule, KafkaQuestion request) =>
        (Text(rule.ApiVersion).Length == 0 || short.Parse(Text(rule.ApiVersion)) == request.ApiVersion)
        && (Text(rule.ClientId).Length == 0 || Text(rule.ClientId) == request.ClientId);

    private static bool IsForKey(KafkaRule rule) => Text(rule.Role).Length > 0 || Text(rule.ApiKey).Length > 0;

    private static bool IsForAllNames(KafkaRule rule) => (Text(rule.Topic) + Text(rule.GroupId) + Text(rule.TransactionalId)).Length == 0;

    private static bool IsNeeded(short key) => Produce.ContainsKey(key) || Consume.ContainsKey(key);

    private static string Text(Located<string>? text) => text?.Value ?? "";
}
