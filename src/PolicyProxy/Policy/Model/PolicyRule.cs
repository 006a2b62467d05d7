namespace PolicyProxy.Policy.Model;

/// <summary>One rule: <c>spec</c> or an element of <c>specs</c> (semantics 1.2).</summary>
internal sealed record PolicyRule
{
    /// <summary>Path inside the object, for example <c>spec</c> or <c>specs[1]</c>.</summary>
    public required string Path { get; init; }

    public required SourceSpan Span { get; init; }

    /// <summary>Null when absent; present but empty selects everything in scope.</summary>
    public SelectorSpec? EndpointSelector { get; init; }

    public SelectorSpec? NodeSelector { get; init; }

    public IReadOnlyList<DirectionRule> Ingress { get; init; } = [];

    public IReadOnlyList<DirectionRule> IngressDeny { get; init; } = [];

    public IReadOnlyList<DirectionRule> Egress { get; init; } = [];

    public IReadOnlyList<DirectionRule> EgressDeny { get; init; } = [];

    /// <summary><c>enableDefaultDeny.ingress</c>; null when not given (semantics 3.3).</summary>
    public bool? DefaultDenyIngress { get; init; }

    public bool? DefaultDenyEgress { get; init; }

    /// <summary><c>log.value</c>: copied to the flow's policy log.</summary>
    public Located<string>? LogValue { get; init; }

    /// <summary><c>labels</c> as <c>source:key=value</c> texts; reported in flows, never matched.</summary>
    public IReadOnlyList<Located<string>> Labels { get; init; } = [];

    public string? Description { get; init; }

    /// <summary>True when selectors already carry their full keys and scope, as translated NetworkPolicies do (semantics 1.12).</summary>
    public bool SelectorsAreScoped { get; init; }
}
