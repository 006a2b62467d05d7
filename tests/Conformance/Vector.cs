using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.Conformance;

/// <summary>One line of a vector file (vectors/FORMAT.md).</summary>
internal sealed record Vector(string Id, string Category)
{
    /// <summary>YAML texts, one object each; empty when <see cref="Manifest"/> is given.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>File name in the manifest directory.</summary>
    public string? Manifest { get; init; }

    /// <summary>Null when the vector only asks whether the objects are accepted.</summary>
    public FlowQuestion? Flow { get; init; }

    public required Expectation Expect { get; init; }
}

/// <summary>The answer a vector wants. Null = not said, not compared.</summary>
internal sealed record Expectation
{
    public required bool Valid { get; init; }

    /// <summary>The resource schema would turn the object away: either answer of <see cref="Valid"/> is fine.</summary>
    public bool SchemaRejects { get; init; }

    /// <summary>Indices of the rejected objects; null = not said.</summary>
    public IReadOnlyList<int>? Rejected { get; init; }

    public bool? Enforced { get; init; }

    public string? L4 { get; init; }

    public string? L7Protocol { get; init; }

    public string? L7 { get; init; }

    public string? Verdict { get; init; }

    public string? Auth { get; init; }

    public IReadOnlyList<HeaderLine>? HeadersAfter { get; init; }
}

/// <summary>What a subject made of a vector.</summary>
/// <param name="Rejected">Indices of the objects it did not accept.</param>
/// <param name="Flow">Its answer; null when the vector has no flow.</param>
internal sealed record Outcome(IReadOnlyList<int> Rejected, FlowAnswer? Flow);
