namespace PolicyProxy.Policy.Model;

/// <summary>
/// One element of <c>ingress</c>, <c>egress</c>, <c>ingressDeny</c> or <c>egressDeny</c> (semantics 1.3, 1.4).
/// For every list: null = the field is absent, empty = present and empty; the difference decides (semantics 2.5).
/// </summary>
internal sealed record DirectionRule
{
    /// <summary>Path inside the object, for example <c>spec.ingress[0]</c>.</summary>
    public required string Path { get; init; }

    public required SourceSpan Span { get; init; }

    /// <summary><c>fromEndpoints</c> / <c>toEndpoints</c>.</summary>
    public IReadOnlyList<SelectorSpec>? Endpoints { get; init; }

    /// <summary><c>fromNodes</c> / <c>toNodes</c>.</summary>
    public IReadOnlyList<SelectorSpec>? Nodes { get; init; }

    /// <summary><c>fromEntities</c> / <c>toEntities</c>.</summary>
    public IReadOnlyList<Located<string>>? Entities { get; init; }

    /// <summary><c>fromCIDR</c> / <c>toCIDR</c>.</summary>
    public IReadOnlyList<Located<string>>? Cidrs { get; init; }

    /// <summary><c>fromCIDRSet</c> / <c>toCIDRSet</c>.</summary>
    public IReadOnlyList<CidrRule>? CidrSets { get; init; }

    /// <summary><c>fromGroups</c> / <c>toGroups</c>; the value is the group's canonical JSON text.</summary>
    public IReadOnlyList<Located<string>>? Groups { get; init; }

    /// <summary><c>toServices</c>, egress only.</summary>
    public IReadOnlyList<ServiceReference>? Services { get; init; }

    /// <summary><c>toFQDNs</c>, egress allow rules only.</summary>
    public IReadOnlyList<DnsNameRule>? Fqdns { get; init; }

    /// <summary><c>fromRequires</c> / <c>toRequires</c>: removed from the API, refused when non-empty.</summary>
    public IReadOnlyList<Located<string>>? Requires { get; init; }

    public IReadOnlyList<PortRule>? ToPorts { get; init; }

    public IReadOnlyList<IcmpRule>? Icmps { get; init; }

    /// <summary><c>authentication.mode</c>.</summary>
    public Located<string>? AuthenticationMode { get; init; }
}

/// <summary>One element of a CIDR set (semantics 1.10). Exactly one of the three sources must be set; the validator says so.</summary>
internal sealed record CidrRule(SourceSpan Span)
{
    public Located<string>? Cidr { get; init; }

    public Located<string>? GroupRef { get; init; }

    public SelectorSpec? GroupSelector { get; init; }

    public IReadOnlyList<Located<string>> Except { get; init; } = [];
}

/// <summary>One element of <c>toServices</c> (semantics 2.8).</summary>
internal sealed record ServiceReference(SourceSpan Span)
{
    /// <summary><c>k8sService.serviceName</c>; null when the selector form is used.</summary>
    public Located<string>? ServiceName { get; init; }

    /// <summary><c>k8sServiceSelector.selector</c>.</summary>
    public SelectorSpec? Selector { get; init; }

    /// <summary>Namespace of either form; null or empty = any namespace.</summary>
    public string? Namespace { get; init; }
}

/// <summary>One element of <c>icmps</c>.</summary>
internal sealed record IcmpRule(SourceSpan Span, IReadOnlyList<IcmpField> Fields);

/// <summary>One ICMP type. <paramref name="Family"/> is the text as written ("" when absent = IPv4); <paramref name="Type"/> is a number or a name (semantics 1.11).</summary>
internal sealed record IcmpField(SourceSpan Span, Located<string> Family, Located<string> Type);
