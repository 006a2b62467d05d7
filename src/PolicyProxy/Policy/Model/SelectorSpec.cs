namespace PolicyProxy.Policy.Model;

/// <summary>A Kubernetes label selector as written: keys may carry a source prefix (semantics 2.1).</summary>
internal sealed record SelectorSpec(SourceSpan Span)
{
    public IReadOnlyList<MatchLabel> MatchLabels { get; init; } = [];

    public IReadOnlyList<MatchExpression> MatchExpressions { get; init; } = [];
}

/// <summary>One entry of <c>matchLabels</c>.</summary>
internal sealed record MatchLabel(Located<string> Key, Located<string> Value);

/// <summary>One entry of <c>matchExpressions</c>. The operator is the text as written.</summary>
internal sealed record MatchExpression(SourceSpan Span, Located<string> Key, Located<string> Operator, IReadOnlyList<Located<string>> Values);
