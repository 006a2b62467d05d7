using PolicyProxy.Gate;
using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>One compiled HTTP rule: all parts that are given must match (semantics 5.1). Immutable.</summary>
internal sealed record HttpMatchRule
{
    /// <summary>Null = not checked.</summary>
    public Re2Pattern? Path { get; init; }

    public Re2Pattern? Method { get; init; }

    public Re2Pattern? Host { get; init; }

    /// <summary>Headers that must be there; a null value asks for presence only. Names are lower-case.</summary>
    public IReadOnlyList<HeaderCondition> Headers { get; init; } = [];

    /// <summary>Run-time actions on mismatch (semantics 5.4).</summary>
    public IReadOnlyList<HeaderAction> Actions { get; init; } = [];

    /// <summary>False for a rule whose secret cannot be read and that has no value: it never matches.</summary>
    public bool CanMatch { get; init; } = true;

    public required RuleOrigin Origin { get; init; }

    /// <summary>Canonical text; equal texts are duplicates.</summary>
    public required string Text { get; init; }

    public static HttpMatchRule MatchAll(RuleOrigin origin) => new() { Origin = origin, Text = "any" };
}

/// <summary>One required header.</summary>
/// <param name="Name">Lower-case name.</param>
/// <param name="Value">Exact joined value; null = presence.</param>
/// <param name="Prefix">True when the value only has to start with <paramref name="Value"/>, without case; used for gRPC content types.</param>
internal sealed record HeaderCondition(string Name, string? Value, bool Prefix = false);

/// <summary>What to do when a header does not have the expected value (semantics 5.4).</summary>
internal sealed record HeaderAction(string Name, string? Value, HeaderMismatch Mismatch, bool IsSecret);

/// <summary>Mismatch actions of <c>headerMatches</c>.</summary>
internal enum HeaderMismatch
{
    Fail,
    Log,
    Add,
    Delete,
    Replace,
}
