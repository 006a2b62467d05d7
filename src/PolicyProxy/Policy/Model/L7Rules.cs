namespace PolicyProxy.Policy.Model;

/// <summary><c>rules</c> of a port rule (semantics 1.7). Null = member absent; empty = present and empty.</summary>
internal sealed record L7Rules(SourceSpan Span)
{
    public IReadOnlyList<HttpRule>? Http { get; init; }

    public IReadOnlyList<DnsNameRule>? Dns { get; init; }

    public IReadOnlyList<KafkaRule>? Kafka { get; init; }

    /// <summary>Extension: <c>rules.grpc</c>.</summary>
    public IReadOnlyList<GrpcRule>? Grpc { get; init; }

    /// <summary><c>l7proto</c> of Cilium 1.19; we parse it to refuse it by name.</summary>
    public Located<string>? L7Proto { get; init; }

    /// <summary>Number of rules of all kinds; 0 means "as if no L7 were given".</summary>
    public int Count => (Http?.Count ?? 0) + (Dns?.Count ?? 0) + (Kafka?.Count ?? 0) + (Grpc?.Count ?? 0);
}

/// <summary>One HTTP rule (semantics 1.8); null parts are absent, empty parts are not checked.</summary>
internal sealed record HttpRule(SourceSpan Span, string RulePath)
{
    public Located<string>? Path { get; init; }

    public Located<string>? Method { get; init; }

    public Located<string>? Host { get; init; }

    public IReadOnlyList<Located<string>> Headers { get; init; } = [];

    public IReadOnlyList<HeaderMatch> HeaderMatches { get; init; } = [];
}

/// <summary>One element of <c>headerMatches</c> (semantics 5.4).</summary>
internal sealed record HeaderMatch(SourceSpan Span)
{
    public Located<string> Name { get; init; }

    public string? Value { get; init; }

    public SecretReference? Secret { get; init; }

    /// <summary>"", LOG, ADD, DELETE or REPLACE, as written.</summary>
    public Located<string>? Mismatch { get; init; }
}

/// <summary>One DNS rule or one <c>toFQDNs</c> element (semantics 1.9).</summary>
internal sealed record DnsNameRule(SourceSpan Span, string RulePath)
{
    public Located<string>? MatchName { get; init; }

    public Located<string>? MatchPattern { get; init; }

    /// <summary>Extension: query types such as <c>A</c> or <c>TXT</c>; null = every type.</summary>
    public IReadOnlyList<Located<string>>? QueryTypes { get; init; }
}

/// <summary>One Kafka rule (semantics 7.1).</summary>
internal sealed record KafkaRule(SourceSpan Span, string RulePath)
{
    public Located<string>? Role { get; init; }

    public Located<string>? ApiKey { get; init; }

    public Located<string>? ApiVersion { get; init; }

    public Located<string>? ClientId { get; init; }

    public Located<string>? Topic { get; init; }

    /// <summary>Extension.</summary>
    public Located<string>? GroupId { get; init; }

    /// <summary>Extension.</summary>
    public Located<string>? TransactionalId { get; init; }
}

/// <summary>Extension: one gRPC rule. Names are exact, or end or begin with one <c>*</c>.</summary>
internal sealed record GrpcRule(SourceSpan Span, string RulePath)
{
    public Located<string>? Service { get; init; }

    public Located<string>? Method { get; init; }

    /// <summary>Metadata that must be present with exactly this value.</summary>
    public IReadOnlyList<MatchLabel> Metadata { get; init; } = [];
}
