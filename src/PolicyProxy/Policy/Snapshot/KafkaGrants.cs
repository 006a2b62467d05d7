namespace PolicyProxy.Policy.Snapshot;

/// <summary>Kinds of names a rule speaks of in requests of one key.</summary>
[Flags]
internal enum KafkaGrants : byte
{
    None = 0,

    /// <summary>The request, as far as it names nothing.</summary>
    Call = 1,

    Topics = 2,
    Groups = 4,
    Transactions = 8,

    /// <summary>Everything else: patterns, brokers, coordinator keys.</summary>
    Rest = 16,

    All = Call | Topics | Groups | Transactions | Rest,
}
