using System.Collections.Frozen;
using System.Collections.Immutable;

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

    /// <summary>The API keys of <c>produce</c> or <c>consume</c>, ascending.</summary>
    public static bool TryExpandRole(string role, out ImmutableArray<short> keys)
    {
        keys = role.ToUpperInvariant() switch
        {
            "PRODUCE" => s_produce,
            "CONSUME" => s_consume,
            _ => default,
        };
        return !keys.IsDefault;
    }
}
