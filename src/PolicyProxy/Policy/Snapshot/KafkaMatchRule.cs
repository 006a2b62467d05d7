using PolicyProxy.Gate;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>One compiled Kafka rule (semantics 7.1, 7.2). Immutable.</summary>
internal sealed record KafkaMatchRule
{
    /// <summary>What the rule is for; <see cref="KafkaRole.None"/> also where Cilium's lists stand for a role.</summary>
    public KafkaRole Role { get; init; }

    /// <summary>Api keys; null = every key, or those of the role.</summary>
    public IReadOnlyList<short>? ApiKeys { get; init; }

    /// <summary>Exact version; null = every version.</summary>
    public short? ApiVersion { get; init; }

    /// <summary>Exact client id, ASCII; empty = not checked.</summary>
    public byte[] ClientId { get; init; } = [];

    /// <summary>Exact topic, ASCII; empty = not checked.</summary>
    public byte[] Topic { get; init; } = [];

    /// <summary>Extension; empty = not checked.</summary>
    public byte[] GroupId { get; init; } = [];

    /// <summary>Extension; empty = not checked.</summary>
    public byte[] TransactionalId { get; init; } = [];

    public required RuleOrigin Origin { get; init; }

    /// <summary>Canonical text; equal texts are duplicates.</summary>
    public required string Text { get; init; }

    /// <summary>True if it speaks of every topic, group and transactional id.</summary>
    public bool IsForAllNames => Topic.Length == 0 && GroupId.Length == 0 && TransactionalId.Length == 0;

    /// <summary>True if it allows whatever its client sends.</summary>
    public bool IsUnlimited => Role == KafkaRole.None && ApiKeys is null && IsForAllNames;

    /// <summary>What it speaks of in requests of a key, whatever its other parts say.</summary>
    public KafkaGrants GrantsIn(short apiKey) =>
        Role != KafkaRole.None ? KafkaRoles.Of(Role, apiKey)
        : ApiKeys is null || ApiKeys.Contains(apiKey) ? KafkaGrants.All
        : KafkaGrants.None;

    public static KafkaMatchRule MatchAll(RuleOrigin origin) => new() { Origin = origin, Text = "any" };
}
