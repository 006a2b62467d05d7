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

    /// <summary>True if the name at hand is a group that would be joined for topics none of which may be consumed.</summary>
    public bool IsInVain { get; private set; }

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
                IsInVain = Error == 0 && SubscribesInVain();
                Deny(IsInVain ? KafkaError.TopicAuthorizationFailed : (short)0);
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
        !IsInVain && (Name.Kind is not (KafkaNameKind.Topic or KafkaNameKind.TopicId) || Is(rule.Topic, _call.NameOf(Name))) && SpeaksOf(rule, Name);

    /// <summary>At a topic of what the group at hand would be joined for: what would allow that.</summary>
    public readonly KafkaNameWalk At(KafkaName topic) => this with { Name = topic };

    /// <summary>At what was missed: the first such topic if the group at hand <see cref="IsInVain"/>, else the name at hand.</summary>
    public readonly KafkaNameWalk AtMissed() =>
        IsInVain && Name.Kind == KafkaNameKind.Group && KafkaSubscription.TryRead(_call.Request, out var topics) && topics.MoveNext() ? At(topics.Current) : this;

    // Which topic an id stands for is what is asked; the answer is judged.
    private readonly KafkaMatchRule? RuleToAsk(in KafkaName name)
    {
        if (_call.Request.ApiKey != KafkaApi.Metadata || name.Kind != KafkaNameKind.TopicId || !_call.NameOf(name).IsEmpty)
        {
            return null;
        }

        foreach (var rule in _matcher!.Rules)
        {
            if (IsOfSender(rule, _call.Request) && (rule.GrantsIn(KafkaApi.Metadata) & KafkaGrants.Topics) != 0)
            {
                return rule;
            }
        }

        return null;
    }

    // What its members may not have a group only waits for: brokers let it form, hand out partitions, and leave the refusal to each Fetch.
    private readonly bool SubscribesInVain()
    {
        if (_call.Request.ApiKey != KafkaApi.JoinGroup || !KafkaSubscription.TryRead(_call.Request, out var topics))
        {
            return false;
        }

        foreach (var topic in topics)
        {
            if (RuleFor(topic) is not null)
            {
                return false;
            }
        }

        return true;
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
            if (!(exceptConsumers && rule.Role == KafkaRole.Consume) && IsOfSenderOf(rule, name) && SpeaksOf(rule, name))
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
            KafkaNameKind.Topic or KafkaNameKind.TopicId => ((grants & KafkaGrants.Topics) != 0 || (IsSubscribed(name) && IsToConsume(rule)))
                && !(hasToName && rule.Topic.Length == 0) && !IsBeyondRole(rule, name) && IsFor(rule.GroupId, _group) && IsFor(rule.TransactionalId, _transactionalId),
            KafkaNameKind.Group => (grants & KafkaGrants.Groups) != 0
                && !(hasToName && rule.GroupId.Length == 0) && Is(rule.GroupId, name.Bytes) && IsFor(rule.TransactionalId, _transactionalId),
            KafkaNameKind.TransactionalId => (grants & KafkaGrants.Transactions) != 0
                && !(hasToName && rule.TransactionalId.Length == 0) && Is(rule.TransactionalId, name.Bytes),

            // The topics a pattern stands for are the broker's to find.
            KafkaNameKind.TopicPattern => (grants & KafkaGrants.Rest) != 0 && rule.Topic.Length == 0 && !hasToName && IsFor(rule.GroupId, _group),
            _ => (grants & KafkaGrants.Rest) != 0 && rule.Role == KafkaRole.None && rule.IsForAllNames,
        };
    }

    // JoinGroup names topics in its subscription only.
    private readonly bool IsSubscribed(in KafkaName name) => _call.Request.ApiKey == KafkaApi.JoinGroup && name.Kind == KafkaNameKind.Topic;

    // A member consumes by requests of its own, and of their own versions.
    private static bool IsToConsume(KafkaMatchRule rule) =>
        ((rule.GrantsIn(KafkaApi.Fetch) | rule.GrantsIn(KafkaApi.OffsetFetch)) & KafkaGrants.Topics) != 0;

    private readonly bool IsOfSenderOf(KafkaMatchRule rule, in KafkaName name) =>
        IsSubscribed(name) ? rule.ClientId.Length == 0 || _call.Request.ClientId.SequenceEqual(rule.ClientId) : IsOfSender(rule, _call.Request);

    // The brokers' own topics hold the offsets, transactions and acknowledgements of everybody: roles reach them only by name.
    private readonly bool IsBeyondRole(KafkaMatchRule rule, in KafkaName name) =>
        rule.Role != KafkaRole.None && rule.Topic.Length == 0 && IsBrokersOwn(_call.NameOf(name));

    private static bool IsBrokersOwn(ReadOnlySpan<byte> topic) =>
        topic.SequenceEqual("__consumer_offsets"u8) || topic.SequenceEqual("__transaction_state"u8) || topic.SequenceEqual("__share_group_state"u8);

    private static bool Is(byte[] wanted, ReadOnlySpan<byte> given) => wanted.Length == 0 || given.SequenceEqual(wanted);

    // Of requests that carry no such name the rule does not speak less.
    private static bool IsFor(byte[] wanted, ReadOnlySpan<byte> given) => wanted.Length == 0 || given.IsEmpty || given.SequenceEqual(wanted);
}
