using System.Collections.Frozen;
using System.Collections.Immutable;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>The API keys a Kafka rule can name, and the roles that stand for several (semantics 7.1). Case does not matter.</summary>
internal static class KafkaApiKeys
{
    /// <summary>Position = API key. Keys from 34 on cannot be named.</summary>
    private static readonly string[] s_names =
    [
        "produce", "fetch", "offsets", "metadata", "leaderandisr", "stopreplica", "updatemetadata", "controlledshutdown", "offsetcommit",
        "offsetfetch", "findcoordinator", "joingroup", "heartbeat", "leavegroup", "syncgroup", "describegroups", "listgroups", "saslhandshake",
        "apiversions", "createtopics", "deletetopics", "deleterecords", "initproducerid", "offsetforleaderepoch", "addpartitionstotxn",
        "addoffsetstotxn", "endtxn", "writetxnmarkers", "txnoffsetcommit", "describeacls", "createacls", "deleteacls", "describeconfigs",
        "alterconfigs",
    ];

    private static readonly FrozenDictionary<string, short> s_byName = s_names
        .Select(static (name, key) => KeyValuePair.Create(name, (short)key))
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly ImmutableArray<short> s_produce = [0, 3, 18];
    private static readonly ImmutableArray<short> s_consume = [1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 18];

    public static bool TryParse(string name, out short key) => s_byName.TryGetValue(name, out key);

    public static bool TryParseRole(string text, out KafkaRole role)
    {
        role = text.ToUpperInvariant() switch
        {
            "PRODUCE" => KafkaRole.Produce,
            "CONSUME" => KafkaRole.Consume,
            _ => KafkaRole.None,
        };
        return role != KafkaRole.None;
    }

    /// <summary>The API keys that Cilium takes a role for, ascending; today's clients need more (ADR-0010).</summary>
    public static ImmutableArray<short> ExpandRole(KafkaRole role) => role == KafkaRole.Produce ? s_produce : s_consume;
}
