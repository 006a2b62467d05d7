namespace PolicyProxy.Policy.Model;

/// <summary>The resource kinds that carry policy rules.</summary>
internal enum PolicyKind
{
    CiliumNetworkPolicy,
    CiliumClusterwideNetworkPolicy,
    NetworkPolicy,
    L7NetworkPolicy,
    L7ClusterwideNetworkPolicy,
}

/// <summary>One policy object as the user wrote it (semantics 1.1). A <see cref="PolicyKind.NetworkPolicy"/> arrives already translated to rules (semantics 1.12).</summary>
internal sealed record PolicyDocument
{
    public required PolicyKind Kind { get; init; }

    public required string Name { get; init; }

    /// <summary>Namespace of the object; null for clusterwide kinds.</summary>
    public required string? Namespace { get; init; }

    public required SourceSpan Span { get; init; }

    /// <summary>0-based position of the object in the whole input, over all files, so a rejected object can be named.</summary>
    public int ObjectIndex { get; init; }

    /// <summary><c>spec</c> first, then <c>specs</c> in order.</summary>
    public required IReadOnlyList<PolicyRule> Rules { get; init; }

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The annotation <c>policyproxy.dev/audit: "true"</c>: the policy is evaluated and reported, not enforced.</summary>
    public bool Audit { get; init; }

    public bool IsClusterwide => Kind is PolicyKind.CiliumClusterwideNetworkPolicy or PolicyKind.L7ClusterwideNetworkPolicy;

    /// <summary>True for the kinds of <c>policyproxy.dev</c>, which allow the extension fields.</summary>
    public bool IsExtension => Kind is PolicyKind.L7NetworkPolicy or PolicyKind.L7ClusterwideNetworkPolicy;
}
