using PolicyProxy.Gate;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>One compiled Kafka rule (semantics 7.1, 7.2). Immutable.</summary>
internal sealed record KafkaMatchRule
{
    /// <summary>Api keys; null = every key.</summary>
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

    public static KafkaMatchRule MatchAll(RuleOrigin origin) => new() { Origin = origin, Text = "any" };
}
