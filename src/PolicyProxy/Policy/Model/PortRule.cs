namespace PolicyProxy.Policy.Model;

/// <summary>One element of <c>toPorts</c> (semantics 1.5). A deny rule carries only <see cref="Ports"/>.</summary>
internal sealed record PortRule
{
    /// <summary>Path inside the object, for example <c>spec.ingress[0].toPorts[0]</c>.</summary>
    public required string Path { get; init; }

    public required SourceSpan Span { get; init; }

    /// <summary>Empty or absent ports generate nothing.</summary>
    public IReadOnlyList<PortProtocol> Ports { get; init; } = [];

    public L7Rules? Rules { get; init; }

    /// <summary>Null = absent.</summary>
    public IReadOnlyList<Located<string>>? ServerNames { get; init; }

    public TlsContextSpec? TerminatingTls { get; init; }

    public TlsContextSpec? OriginatingTls { get; init; }

    public ListenerSpec? Listener { get; init; }
}

/// <summary>One port as written (semantics 1.6). Empty texts stand for absent fields.</summary>
internal sealed record PortProtocol(SourceSpan Span, Located<string> Port, int EndPort, Located<string> Protocol);

/// <summary>Reference to a Secret.</summary>
internal sealed record SecretReference(SourceSpan Span, string? Namespace, string Name);

/// <summary><c>terminatingTLS</c> / <c>originatingTLS</c> (semantics 1.11).</summary>
internal sealed record TlsContextSpec(SourceSpan Span, SecretReference? Secret, string? TrustedCa, string? Certificate, string? PrivateKey);

/// <summary><c>listener</c>: a redirect to a custom Envoy listener. Priority 0 = not given.</summary>
internal sealed record ListenerSpec(SourceSpan Span, string EnvoyConfigKind, string EnvoyConfigName, string Name, int Priority);
