namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Which optional parts of the policy API are on. The defaults are Cilium 1.20's.</summary>
internal sealed record PolicyValidationOptions
{
    public static PolicyValidationOptions Default { get; } = new();

    /// <summary><c>fromNodes</c> / <c>toNodes</c> (enable-node-selector-labels). Default off.</summary>
    public bool NodeSelectors { get; init; }

    /// <summary><c>icmps</c> (enable-icmp-rules). Default on.</summary>
    public bool IcmpRules { get; init; } = true;

    /// <summary>Layer 7 rules (enable-l7-proxy). Default on.</summary>
    public bool L7Rules { get; init; } = true;

    /// <summary>Protocols such as GRE and ESP (enable-extended-ip-protocols). Default off.</summary>
    public bool ExtendedProtocols { get; init; }
}
