using System.Globalization;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>Two policies for one selector and port cannot be realised together (semantics 4.5).</summary>
internal sealed class PolicyConflictException(string what) : Exception(what);

/// <summary>What one selector may do on one port, after merging (semantics 4.5).</summary>
internal sealed record PeerPolicy
{
    public bool Deny { get; init; }

    /// <summary><c>none</c>, <c>tls</c>, <c>http</c>, <c>dns</c>, <c>kafka</c> or <c>crd</c> (semantics 4.7).</summary>
    public string Parser { get; init; } = "none";

    public IReadOnlyList<HttpRule> Http { get; init; } = [];

    public IReadOnlyList<GrpcRule> Grpc { get; init; } = [];

    public IReadOnlyList<DnsNameRule> Dns { get; init; } = [];

    public IReadOnlyList<KafkaRule> Kafka { get; init; } = [];

    /// <summary>The match-all rule is in the list as well.</summary>
    public bool AllowsEveryRequest { get; init; }

    public IReadOnlyList<string> ServerNames { get; init; } = [];

    public string? TerminatingTls { get; init; }

    public string? OriginatingTls { get; init; }

    public ListenerSpec? Listener { get; init; }

    public string? Auth { get; init; }

    /// <summary>The low byte of semantics 4.2; higher wins.</summary>
    public int Precedence => Deny ? 255 : Parser switch
    {
        "crd" => 255 - Listener!.Priority is var p and < 255 ? p : 129,
        "http" => 154,
        "kafka" => 149,
        "tls" => 139,
        "dns" => 134,
        _ => 1,
    };

    private bool HasRequestRules => Http.Count + Grpc.Count + Dns.Count + Kafka.Count > 0;

    /// <summary>The policy of one rule alone.</summary>
    public static PeerPolicy Of(NaiveEntry entry, PortRule? port)
    {
        if (entry.Deny)
        {
            return new PeerPolicy { Deny = true };
        }

        var rules = port?.Rules is { Count: > 0 } some ? some : null;
        var plain = new PeerPolicy
        {
            Http = rules?.Http ?? [],
            Grpc = rules?.Grpc ?? [],
            Dns = rules?.Dns ?? [],
            Kafka = rules?.Kafka ?? [],
            ServerNames = [.. (port?.ServerNames ?? []).Select(n => n.Value)],
            TerminatingTls = Text(port?.TerminatingTls),
            OriginatingTls = Text(port?.OriginatingTls),
            Listener = port?.Listener,
            Auth = entry.Auth,
        };
        return plain with { Parser = ParserOf(plain) };
    }

    /// <summary>This policy and another one for the same selector and port.</summary>
    public PeerPolicy Merge(PeerPolicy other)
    {
        if (Deny || other.Deny)
        {
            return new PeerPolicy { Deny = true };
        }

        var merged = new PeerPolicy
        {
            Parser = MergedParser(Parser, other.Parser),
            Http = [.. Http.Concat(other.Http).DistinctBy(RuleText.Of)],
            Grpc = [.. Grpc.Concat(other.Grpc).DistinctBy(RuleText.Of)],
            Dns = [.. Dns.Concat(other.Dns).DistinctBy(RuleText.Of)],
            Kafka = [.. Kafka.Concat(other.Kafka).DistinctBy(RuleText.Of)],
            AllowsEveryRequest = AllowsEveryRequest || other.AllowsEveryRequest || HasRequestRules != other.HasRequestRules,
            ServerNames = [.. ServerNames.Union(other.ServerNames)],
            TerminatingTls = Same(TerminatingTls, other.TerminatingTls, "terminatingTLS"),
            OriginatingTls = Same(OriginatingTls, other.OriginatingTls, "originatingTLS"),
            Listener = MergedListener(Listener, other.Listener),
            Auth = Same(Auth, other.Auth, "authentication"),
        };
        return merged.ServerNames.Count > 0 && merged.HasRequestRules && merged.TerminatingTls is null
            ? throw new PolicyConflictException("serverNames and L7 rules without terminatingTLS")
            : merged;
    }

    /// <summary>semantics 3.3: without default deny, request rules only give visibility.</summary>
    public PeerPolicy WithoutDefaultDeny() => HasRequestRules ? this with { AllowsEveryRequest = true } : this;

    private static string ParserOf(PeerPolicy policy) => policy switch
    {
        { Listener: not null } => "crd",
        { Http.Count: > 0 } or { Grpc.Count: > 0 } => "http",
        { Dns.Count: > 0 } => "dns",
        { Kafka.Count: > 0 } => "kafka",
        { ServerNames.Count: > 0 } or { TerminatingTls: not null } or { OriginatingTls: not null } => "tls",
        _ => "none",
    };

    private static string MergedParser(string one, string other) => (one, other) switch
    {
        _ when one == other => one,
        ("none", _) => other,
        (_, "none") => one,
        ("tls", "http") or ("http", "tls") => "http",
        _ => throw new PolicyConflictException($"{one} and {other}"),
    };

    private static ListenerSpec? MergedListener(ListenerSpec? one, ListenerSpec? other)
    {
        if (one is null || other is null || Text(one) == Text(other))
        {
            return one ?? other;
        }

        return one.Priority == other.Priority ? throw new PolicyConflictException("listeners") : Rank(one) < Rank(other) ? one : other;
    }

    private static int Rank(ListenerSpec listener) => listener.Priority == 0 ? 126 : listener.Priority;

    private static string? Same(string? one, string? other, string what) =>
        one is not null && other is not null && one != other ? throw new PolicyConflictException(what) : one ?? other;

    private static string? Text(TlsContextSpec? tls) => tls is null
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{tls.Secret?.Namespace}/{tls.Secret?.Name} {tls.TrustedCa} {tls.Certificate} {tls.PrivateKey}");

    private static string Text(ListenerSpec listener) =>
        $"{listener.EnvoyConfigKind}/{listener.EnvoyConfigName}/{listener.Name}/{Rank(listener)}";
}
