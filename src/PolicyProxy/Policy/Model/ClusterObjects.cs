namespace PolicyProxy.Policy.Model;

/// <summary>A <c>CiliumCIDRGroup</c>.</summary>
internal sealed record CidrGroup(SourceSpan Span, string Name)
{
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<Located<string>> ExternalCidrs { get; init; } = [];
}

/// <summary>A Kubernetes Service, as far as <c>toServices</c> needs it.</summary>
internal sealed record KubernetesService(SourceSpan Span, string Name, string Namespace)
{
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary><c>spec.selector</c>; empty = the Service has no selector and its backends are <see cref="BackendAddresses"/>.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> BackendAddresses { get; init; } = [];
}

/// <summary>A Pod of the inventory: where its labels come from.</summary>
internal sealed record InventoryPod(SourceSpan Span, string Name, string Namespace)
{
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public string? ServiceAccount { get; init; }

    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Cluster of the pod; null = the local cluster.</summary>
    public string? Cluster { get; init; }

    public IReadOnlyList<NamedPort> NamedPorts { get; init; } = [];
}

/// <summary>A container port with a name.</summary>
internal sealed record NamedPort(string Name, ushort Port, string Protocol);

/// <summary>A Kubernetes Namespace: its labels take part in selectors.</summary>
internal sealed record InventoryNamespace(SourceSpan Span, string Name)
{
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}

/// <summary>A Kubernetes Node: its addresses are <c>host</c> or <c>remote-node</c>.</summary>
internal sealed record InventoryNode(SourceSpan Span, string Name, IReadOnlyList<string> Addresses)
{
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}

/// <summary>A Kubernetes Secret, decoded. Values never leave memory and are never logged.</summary>
internal sealed record SecretObject(SourceSpan Span, string Name, string Namespace, IReadOnlyDictionary<string, byte[]> Data);

/// <summary>A <c>CiliumIdentity</c>: the number that Cilium gave to a label set, whose keys have their source before them.</summary>
internal sealed record InventoryIdentity(SourceSpan Span, uint Number, IReadOnlyDictionary<string, string> Labels);

/// <summary>Everything one reading of the YAML gave: rules and the objects rules refer to.</summary>
internal sealed record PolicyObjects
{
    public static PolicyObjects Empty { get; } = new();

    public IReadOnlyList<PolicyDocument> Policies { get; init; } = [];

    public IReadOnlyList<CidrGroup> CidrGroups { get; init; } = [];

    public IReadOnlyList<KubernetesService> Services { get; init; } = [];

    public IReadOnlyList<InventoryPod> Pods { get; init; } = [];

    public IReadOnlyList<InventoryNamespace> Namespaces { get; init; } = [];

    public IReadOnlyList<InventoryNode> Nodes { get; init; } = [];

    public IReadOnlyList<SecretObject> Secrets { get; init; } = [];

    public IReadOnlyList<InventoryIdentity> Identities { get; init; } = [];
}
