using PolicyProxy.Gate;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>What applies to the peers of one selector on one port key (semantics 4.5). Immutable.</summary>
internal sealed record SelectorPolicy
{
    public bool Deny { get; init; }

    /// <summary>What has to be inspected; None for a plain allow and for a deny.</summary>
    public L7Kind Parser { get; init; }

    public IReadOnlyList<HttpMatchRule> Http { get; init; } = [];

    public IReadOnlyList<DnsMatchRule> Dns { get; init; } = [];

    public IReadOnlyList<KafkaMatchRule> Kafka { get; init; } = [];

    /// <summary>Server names; empty = not checked.</summary>
    public IReadOnlyList<ServerNameRule> ServerNames { get; init; } = [];

    public TlsContext? Terminating { get; init; }

    public TlsContext? Originating { get; init; }

    public ListenerReference? Listener { get; init; }

    /// <summary>Null = not given.</summary>
    public AuthenticationMode? Authentication { get; init; }

    /// <summary>Rules that contributed, in policy order; the first is named when the entry as a whole decides.</summary>
    public required IReadOnlyList<RuleOrigin> Origins { get; init; }

    public int L7RuleCount => Http.Count + Dns.Count + Kafka.Count;

    public bool HasL7 => L7RuleCount > 0;
}

/// <summary>One server name pattern with the rule it stands in.</summary>
internal sealed record ServerNameRule(ServerNamePattern Pattern, RuleOrigin Origin);

/// <summary>A TLS context by reference; equal references mean equal contexts (semantics 1.11).</summary>
internal sealed record TlsContext(string SecretNamespace, string SecretName, string TrustedCa, string Certificate, string PrivateKey)
{
    /// <summary>True if the item with the authorities is named and not only taken for granted: towards a client, it has to show a certificate of theirs then.</summary>
    public bool NamesTrustedCa { get; init; }
}

/// <summary>The items of a secret that a TLS context may name. Values never leave memory and are never logged.</summary>
internal sealed record TlsSecretItems(string Namespace, string Name, IReadOnlyDictionary<string, byte[]> Items);

/// <summary>A custom Envoy listener; not realisable outside of Envoy.</summary>
internal sealed record ListenerReference(string ConfigKind, string ConfigName, string Name, int Priority);

/// <summary><c>authentication.mode</c>; the order is the strength used when modes are inherited (semantics 4.4).</summary>
internal enum AuthenticationMode
{
    Disabled = 0,
    Required = 1,
    TestAlwaysFail = 2,
}
