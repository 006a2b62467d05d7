using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Gate;

/// <summary>What one step of an explanation found.</summary>
public enum StepOutcome
{
    /// <summary>A fact the next steps build on.</summary>
    Fact,

    /// <summary>The rule covers the traffic and allows it.</summary>
    Allows,

    /// <summary>The rule covers the traffic and refuses it.</summary>
    Denies,

    /// <summary>The rule covers the connection and wants its requests inspected.</summary>
    Redirects,

    /// <summary>The rule does not cover the traffic; the text says which part missed.</summary>
    Misses,
}

/// <summary>One step of the walk.</summary>
/// <param name="Stage"><c>subject</c>, <c>peer</c>, <c>enforcement</c>, <c>l4</c>, <c>http</c>, <c>dns</c>, <c>tls</c>, <c>kafka</c>, <c>verdict</c>.</param>
/// <param name="Outcome">What the step found.</param>
/// <param name="Rule">The rule looked at; null for facts.</param>
/// <param name="Text">One line for people.</param>
public sealed record ExplanationStep(string Stage, StepOutcome Outcome, RuleOrigin? Rule, string Text);

/// <summary>Why a verdict comes out as it does: the full walk through the same compiled policy that enforces. Immutable.</summary>
public sealed record Explanation
{
    /// <summary>The verdict on the connection.</summary>
    public required Verdict Connection { get; init; }

    /// <summary>The final verdict: the request's, or the connection's when there is no request.</summary>
    public required Verdict Final { get; init; }

    /// <summary>Direction asked about.</summary>
    public required TrafficDirection Direction { get; init; }

    /// <summary>What is inspected on the connection.</summary>
    public required L7Kind Kind { get; init; }

    /// <summary>Every rule tried, in the order the engine tries them, with what matched or missed.</summary>
    public required IReadOnlyList<ExplanationStep> Steps { get; init; }

    /// <summary>For a denial that no rule decided: the rule that came nearest.</summary>
    public NearestRule? Nearest { get; init; }
}
