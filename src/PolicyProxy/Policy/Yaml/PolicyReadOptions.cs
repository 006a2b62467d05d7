namespace PolicyProxy.Policy.Yaml;

/// <summary>How <see cref="PolicyYamlReader"/> reads. Immutable.</summary>
internal sealed record PolicyReadOptions
{
    public static PolicyReadOptions Default { get; } = new();

    public UnknownFieldMode UnknownFields { get; init; } = UnknownFieldMode.Error;

    /// <summary>Name of the local cluster, put into the selectors of translated NetworkPolicies (semantics 1.12). Default <c>default</c>, Cilium's own.</summary>
    public string ClusterName { get; init; } = "default";

    /// <summary>Namespace of namespaced objects that name none. Default <c>default</c>, as kubectl without context.</summary>
    public string DefaultNamespace { get; init; } = "default";

    /// <summary>Longest text accepted, in UTF-16 code units. Default 16 Mi: an object in a cluster is at most 1.5 MB, a file may hold several.</summary>
    public int MaxTextLength { get; init; } = 16 * 1024 * 1024;

    /// <summary>Deepest nesting accepted, aliases expanded. Default 64; the deepest policy field lies at 14.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Most YAML nodes per text, aliases expanded. Default 2,000,000.</summary>
    public int MaxNodes { get; init; } = 2_000_000;
}
