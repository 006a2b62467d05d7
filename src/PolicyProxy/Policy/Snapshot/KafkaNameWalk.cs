using PolicyProxy.Gate;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>Goes over the names of a request and judges each, in the light of the group and transactional id before it. <c>default</c> has none.</summary>
internal ref struct KafkaNameWalk
{
    private readonly KafkaNameMatcher? _matcher;
    private readonly KafkaCall _call;
    private KafkaNames _names;
    private ReadOnlySpan<byte> _group;
    private ReadOnlySpan<byte> _transactionalId;
    private short _groupError;
    private short _transactionError;

    public KafkaNameWalk(KafkaNameMatcher matcher, in KafkaCall call)
    {
        _matcher = matcher;
        _call = call;
        _names = call.Request.Names;
    }

    /// <summary>The name at hand; none before the first.</summary>
    public KafkaName Name { get; private set; }

    /// <summary>Position of the name at hand.</summary>
    public readonly int Position => Name.Position;

    /// <summary>The group before it; empty if there is none.</summary>
    public readonly ReadOnlySpan<byte> Group => _group;

    /// <summary>The transactional id before it; empty if there is none.</summary>
    public readonly ReadOnlySpan<byte> TransactionalId => _transactionalId;

    /// <summary>0 if the name is allowed, else the code of its denial.</summary>
    public short Error { get; private set; }

    /// <summary>The rule that allows it; null if it is denied.</summary>
    public KafkaMatchRule? Rule { get; private set; }

    /// <summary>True if a rule is for whoever sends this.</summary>
    public static bool IsOfSender(KafkaMatchRule rule, in KafkaRequest request) =>
        (rule.ApiVersion is null || rule.ApiVersion == request.ApiVersion)
        && (rule.ClientId.Length == 0 || request.ClientId.SequenceEqual(rule.ClientId));

    public bool MoveNext()
    {
        if (_matcher is null || !_names.MoveNext())
        {
            return false;
        }

        var name = _names.Current;
        Name = name;
        Rule = RuleFor(name) ?? RuleToAsk(name);
        Error = Rule is null ? ErrorOf(name) : (short)0;

        // Whoever may not use the transaction or the group gets nothing done in it.
        switch (name.Kind)
        {
            case KafkaNameKind.TransactionalId:
                _transactionalId = name.Bytes;
                _transactionError = Error;
                break;
            case KafkaNameKind.Group:
                Deny(_transactionError);
                _group = name.Bytes;
                _groupError = Error;
                break;
            default:
                Deny(_transactionError != 0 ? _transactionError : _groupError);
                break;
        }

        return true;
    }

    /// <summary>True if this rule alone allows the name at hand, whatever became of the group and the transactional id before it.</summary>
    public readonly bool Grants(KafkaMatchRule rule) =>
        (Name.Kind is not (KafkaNameKind.Topic or KafkaNameKind.TopicId) || Is(rule.Topic, _call.NameOf(Name))) && SpeaksOf(rule, Name);

    // Which topic an id stands for is what is asked; the answer is judged.
    private readonly KafkaMatchRule? RuleToAsk(in KafkaName name)
    {
        if (_call.Request.ApiKey != KafkaApi.Metadata || name.Kind != KafkaNameKind.TopicId || !_call.NameOf(name).IsEmpty)
        {
            return null;
        }

        foreach (var rule in _matcher!.Rules)
        {
            if (IsOfSender(rule, _call.Request) && rule.GrantsIn(KafkaApi.Metadata).HasFlag(KafkaGrants.Topics))
            {
                return rule;
            }
        }

        return null;
    }

    private void Deny(short error)
    {
        if (error != 0)
        {
            Error = error;
            Rule = null;
        }
    }

    private readonly short ErrorOf(in KafkaName name) =>
        name.Kind == KafkaNameKind.TopicId && _call.NameOf(name).IsEmpty ? KafkaError.UnknownTopicId : KafkaErrorCodes.Of(name);

    /// <summary>The rule that allows a name in this request; null if none does.</summary>
    /// <param name="name">Of the request, or of its response.</param>
    /// <param name="exceptConsumers">True leaves out rules that only let their client consume.</param>
    public readonly KafkaMatchRule? RuleFor(in KafkaName name, bool exceptConsumers = false)
    {
        foreach (var rule in _matcher!.RulesFor(_call, name))
        {
            if (!(exceptConsumers && rule.Role == KafkaRole.Consume) && IsOfSender(rule, _call.Request) && SpeaksOf(rule, name))
            {
                return rule;
            }
        }

        return null;
    }

    private readonly bool SpeaksOf(KafkaMatchRule rule, in KafkaName name)
    {
        var key = _call.Request.ApiKey;
        var grants = rule.GrantsIn(key);

        // A rule that is for every request but not for every name says nothing of, say, DeleteGroups unless it names the group.
        var hasToName = rule.Role == KafkaRole.None && rule.ApiKeys is null && !rule.IsForAllNames && !KafkaRoles.IsNeeded(key);
        return name.Kind switch
        {
            // The rule's topic is this one: so it was found.
            KafkaNameKind.Topic or KafkaNameKind.TopicId => grants.HasFlag(KafkaGrants.Topics)
                && !(hasToName && rule.Topic.Length == 0) && !IsBeyondRole(rule, name) && IsFor(rule.GroupId, _group) && IsFor(rule.TransactionalId, _transactionalId),
            KafkaNameKind.Group => grants.HasFlag(KafkaGrants.Groups)
                && !(hasToName && rule.GroupId.Length == 0) && Is(rule.GroupId, name.Bytes) && IsFor(rule.TransactionalId, _transactionalId),
            KafkaNameKind.TransactionalId => grants.HasFlag(KafkaGrants.Transactions)
                && !(hasToName && rule.TransactionalId.Length == 0) && Is(rule.TransactionalId, name.Bytes),

            // The topics a pattern stands for are the broker's to find.
            KafkaNameKind.TopicPattern => grants.HasFlag(KafkaGrants.Rest) && rule.Topic.Length == 0 && !hasToName && IsFor(rule.GroupId, _group),
            _ => grants.HasFlag(KafkaGrants.Rest) && rule.Role == KafkaRole.None && rule.IsForAllNames,
        };
    }

    // The brokers' own topics hold the offsets, transactions and acknowledgements of everybody: roles reach them only by name.
    private readonly bool IsBeyondRole(KafkaMatchRule rule, in KafkaName name) =>
        rule.Role != KafkaRole.None && rule.Topic.Length == 0 && IsBrokersOwn(_call.NameOf(name));

    private static bool IsBrokersOwn(ReadOnlySpan<byte> topic) =>
        topic.SequenceEqual("__consumer_offsets"u8) || topic.SequenceEqual("__transaction_state"u8) || topic.SequenceEqual("__share_group_state"u8);

    private static bool Is(byte[] wanted, ReadOnlySpan<byte> given) => wanted.Length == 0 || given.SequenceEqual(wanted);

    // Of requests that carry no such name the rule does not speak less.
    private static bool IsFor(byte[] wanted, ReadOnlySpan<byte> given) => wanted.Length == 0 || given.IsEmpty || given.SequenceEqual(wanted);
}
