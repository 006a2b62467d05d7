using System.Globalization;
using System.Text;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Gate;

/// <summary>Says which part of a Kafka rule misses a name of a request, or the request as a whole.</summary>
internal static class KafkaMissText
{
    /// <summary>Characters of a client's name that are shown; topics and groups are short where they exist.</summary>
    private const int MaxShown = 255;

    /// <summary>The first part that misses, in the order apiVersion, clientID, role or apiKey, topic, groupId, transactionalId.</summary>
    public static string Of(KafkaMatchRule rule, in KafkaCall call, in KafkaNameWalk walk)
    {
        var request = call.Request;
        var name = walk.Name;
        // A topic of a subscription will be asked for in requests of other versions.
        if (rule.ApiVersion is { } version && version != request.ApiVersion && name.Position >= 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"apiVersion {request.ApiVersion} is not {version}");
        }

        if (Differs(rule.ClientId, request.ClientId))
        {
            return Text("clientID", request.ClientId, rule.ClientId);
        }

        if (rule.GrantsIn(request.ApiKey) == KafkaGrants.None)
        {
            return rule.Role != KafkaRole.None
                ? $"role {RoleText(rule)} does not include {ApiText(request.ApiKey)}"
                : $"apiKey {ApiText(request.ApiKey)} is not {string.Join(" or ", rule.ApiKeys!.Select(ApiText))}";
        }

        if (name.Kind is KafkaNameKind.Topic or KafkaNameKind.TopicId)
        {
            var topic = call.NameOf(name);
            if (topic.IsEmpty && name.Kind == KafkaNameKind.TopicId)
            {
                return $"the name of topic id {name.Id} is not known";
            }

            if (Differs(rule.Topic, topic))
            {
                return Text("topic", topic, rule.Topic);
            }
        }

        var group = name.Kind == KafkaNameKind.Group ? name.Bytes : walk.Group;
        if (Differs(rule.GroupId, group) && (name.Kind == KafkaNameKind.Group || !group.IsEmpty))
        {
            return Text("groupId", group, rule.GroupId);
        }

        var transaction = name.Kind == KafkaNameKind.TransactionalId ? name.Bytes : walk.TransactionalId;
        return Differs(rule.TransactionalId, transaction) && (name.Kind == KafkaNameKind.TransactionalId || !transaction.IsEmpty)
            ? Text("transactionalId", transaction, rule.TransactionalId)
            : Otherwise(rule, request, name);
    }

    /// <summary>A name as a message has it: <c>topic "orders"</c>.</summary>
    public static string Text(in KafkaCall call, in KafkaName name) => name.Kind switch
    {
        KafkaNameKind.TopicId when call.NameOf(name).IsEmpty => $"topic id {name.Id}",
        _ => $"{KindText(name.Kind)} \"{Shown(call.NameOf(name))}\"",
    };

    /// <summary>The name of a key in policies; its number if it has none.</summary>
    public static string ApiText(short apiKey) => KafkaApi.PolicyNameOf(apiKey) ?? apiKey.ToString(CultureInfo.InvariantCulture);

    /// <summary>A name, cut.</summary>
    public static string Shown(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name[..Math.Min(name.Length, MaxShown)]);

    private static string Otherwise(KafkaMatchRule rule, in KafkaRequest request, in KafkaName name)
    {
        var api = ApiText(request.ApiKey);
        if (KafkaRoles.IsBetweenBrokers(request))
        {
            return request.ReplicaId >= 0
                ? $"{api} with a replica id, as brokers send it, needs a rule without limits"
                : $"{api} is for brokers among each other: it needs a rule without limits, or one for this apiKey";
        }

        if (request.TopicsUnknown)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{api} version {request.ApiVersion} cannot be read: it needs a rule without limits");
        }

        var subject = rule.Role != KafkaRole.None ? $"role {RoleText(rule)}" : "the rule";
        return name.Kind == KafkaNameKind.None ? $"{subject} is for names, and {api} gives none"
            : rule.Role != KafkaRole.None && name.Kind is KafkaNameKind.Topic or KafkaNameKind.TopicId ? "a role reaches the brokers' own topics only by name"
            : $"{subject} does not speak of the {KindText(name.Kind)} of {api}";
    }

    private static bool Differs(byte[] wanted, ReadOnlySpan<byte> given) => wanted.Length > 0 && !given.SequenceEqual(wanted);

    private static string Text(string part, ReadOnlySpan<byte> given, byte[] wanted) => $"{part} \"{Shown(given)}\" is not \"{Shown(wanted)}\"";

    private static string RoleText(KafkaMatchRule rule) => rule.Role == KafkaRole.Produce ? "produce" : "consume";

    private static string KindText(KafkaNameKind kind) => kind switch
    {
        KafkaNameKind.Topic or KafkaNameKind.TopicId => "topic",
        KafkaNameKind.TopicPattern => "topic pattern",
        KafkaNameKind.Group => "group",
        KafkaNameKind.TransactionalId => "transactional id",
        KafkaNameKind.ShareKey => "share key",
        _ => "resource",
    };
}
