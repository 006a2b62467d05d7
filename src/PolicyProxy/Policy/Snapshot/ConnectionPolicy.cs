using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// The decision on one connection and everything needed to decide its requests (semantics 4.4, 4.6). Immutable, shared by all
/// connections with the same peer and port.
/// </summary>
internal sealed class ConnectionPolicy
{
    private readonly PolicyMapEntry[] _covering;
    private readonly HttpMatcher? _http;
    private readonly RuleOrigin? _httpFallThrough;
    private readonly DnsMatcher? _dns;
    private readonly ServerNameMatcher? _serverNames;
    private readonly KafkaMatcher? _kafka;

    private ConnectionPolicy(DirectionPolicy direction, Verdict verdict, PolicyMapEntry[] covering)
    {
        Direction = direction;
        Verdict = verdict;
        _covering = covering;
        if (covering.Length == 0)
        {
            AllowsWithoutServerName = true;
            return;
        }

        DependsOnName = Array.Exists(covering, static e => e.Selector is FqdnSelector);
        HasTlsContext = Array.Exists(covering, static e => e.Policy.Terminating is not null || e.Policy.Originating is not null);
        var winner = covering[0];
        Kind = winner.Policy.Deny ? L7Kind.None : winner.Policy.Parser;
        Authentication = winner.Policy.Authentication
            ?? covering.Where(e => e.Precedence == winner.Precedence).Max(e => e.Policy.Authentication);
        _serverNames = new ServerNameMatcher(Array.FindAll(covering, e => !e.Policy.Deny && IsSameListener(e, winner)));
        AllowsWithoutServerName = _serverNames.AllowsWithoutName;
        switch (Kind)
        {
            case L7Kind.Http:
                _http = new HttpMatcher([.. covering.Where(e => e.Policy.Parser == L7Kind.Http).SelectMany(e => e.Policy.Http)]);

                // An HTTP rule that does not match is no denial: what admits the connection otherwise admits the request (semantics 4.6).
                _httpFallThrough = covering.FirstOrDefault(e => AdmitsAnyHttp(e.Policy))?.Policy.Origins[0];
                break;
            case L7Kind.Dns:
                // The DNS proxy knows only the entries of the very port key that won (semantics 6.3).
                _dns = new DnsMatcher(Array.FindAll(covering, e => e.Port == winner.Port && !e.DefaultTier));
                break;
            case L7Kind.Kafka:
                _kafka = direction.IsCiliumCompatible ? new KafkaRequestMatcher(covering) : new KafkaNameMatcher(covering);
                break;
            default:
                break;
        }
    }

    public static ConnectionPolicy NotEnforced { get; } =
        new(DirectionPolicy.Open, new Verdict(true, VerdictReason.NotEnforced), []);

    /// <summary>The direction the decision belongs to.</summary>
    public DirectionPolicy Direction { get; }

    /// <summary>The verdict on the connection.</summary>
    public Verdict Verdict { get; private init; }

    public bool Admitted => Verdict.Allowed;

    /// <summary>True when neither audited policies nor authentication can change the verdict: the common case, judged without detours.</summary>
    public bool IsSimple => Enforced is null && Authentication is null;

    /// <summary>What has to be inspected.</summary>
    public L7Kind Kind { get; }

    public AuthenticationMode? Authentication { get; }

    /// <summary>True if some entry that covers the connection has a TLS context.</summary>
    public bool HasTlsContext { get; }

    /// <summary>True if some entry that covers the connection is for names.</summary>
    public bool DependsOnName { get; }

    /// <summary>False when every entry that would admit the connection asks for a TLS server name.</summary>
    public bool AllowsWithoutServerName { get; }

    /// <summary>Decision of the policies that are really enforced, when others are only audited; null otherwise.</summary>
    public ConnectionPolicy? Enforced { get; private init; }

    /// <summary>Entries that cover the connection, the deciding one first; used to explain.</summary>
    public IReadOnlyList<PolicyMapEntry> Covering => _covering;

    /// <summary>HTTP rules that apply; used to explain.</summary>
    public IEnumerable<HttpMatchRule> HttpRules => _http?.Rules ?? [];

    public static ConnectionPolicy DefaultDeny(DirectionPolicy direction) =>
        new(direction, new Verdict(false, VerdictReason.DefaultDeny), []);

    public static ConnectionPolicy Unrealisable(string error) =>
        new(DirectionPolicy.Open, new Verdict(false, VerdictReason.PolicyError), []) { Error = error };

    /// <summary>Text of a policy error; empty otherwise.</summary>
    public string Error { get; private init; } = string.Empty;

    public static ConnectionPolicy Of(DirectionPolicy direction, PolicyMapEntry[] covering)
    {
        var winner = covering[0];
        var origin = winner.Policy.Origins[0];
        var verdict = winner.Policy.Deny ? new Verdict(false, VerdictReason.DeniedByRule, origin)
            : winner.Policy.Parser == L7Kind.Listener ? new Verdict(false, VerdictReason.Unsupported, origin)
            : winner.Policy.Parser != L7Kind.None ? new Verdict(true, VerdictReason.Redirected, origin)
            : winner.DefaultTier && !direction.IsDefaultDeny ? new Verdict(true, VerdictReason.AllowedByDefault)
            : new Verdict(true, VerdictReason.AllowedByRule, origin);
        return new ConnectionPolicy(direction, verdict, covering);
    }

    public ConnectionPolicy WithEnforced(ConnectionPolicy enforced) =>
        new(Direction, Verdict, _covering) { Error = Error, Enforced = enforced };

    /// <summary>Decides one HTTP request by one form of its path.</summary>
    public Verdict Check<TRequest>(in TRequest request, ReadOnlySpan<char> path)
        where TRequest : IHttpRequest, allows ref struct
    {
        if (_http is null)
        {
            return default;
        }

        var matched = _http.Match(request, path, out var edits);
        if (matched is not null)
        {
            return new Verdict(true, VerdictReason.AllowedByRule, matched, edits: edits);
        }

        return _httpFallThrough is not null
            ? new Verdict(true, VerdictReason.AllowedByRule, _httpFallThrough, edits: edits)
            : new Verdict(false, VerdictReason.NoRuleMatched);
    }

    /// <summary>Decides a TLS handshake by its server name; empty = none was sent (semantics 8.2, 8.3).</summary>
    public Verdict CheckServerName(ReadOnlySpan<char> name) => _serverNames?.Match(name) ?? default;

    /// <summary>
    /// What a handshake with this name needs (semantics 8.5). The first rule that admits it and has a context decides; else it passes untouched if some
    /// rule admits it without asking for requests, whose rules would then allow them all (semantics 4.6).
    /// </summary>
    /// <param name="name">Lower case; empty = none was sent.</param>
    public TlsHandling Handle(ReadOnlySpan<char> name)
    {
        var isOpen = false;
        foreach (var entry in Admitted ? _covering : [])
        {
            var policy = entry.Policy;
            if (policy.Deny || !IsSameListener(entry, _covering[0]) || !Names(policy, name))
            {
                continue;
            }

            if (policy.Terminating is not null || policy.Originating is not null)
            {
                return new TlsHandling(true, policy.Terminating, policy.Originating);
            }

            isOpen |= policy.Parser is L7Kind.None or L7Kind.Tls;
        }

        // What header actions would change has to be seen, though it is allowed.
        return new TlsHandling(Kind is L7Kind.Http or L7Kind.Kafka && (!isOpen || _http is { HasActions: true }), null, null);
    }

    /// <summary>Decides one DNS query (semantics 6.2, 6.3).</summary>
    public Verdict CheckDns(ReadOnlySpan<char> name, ushort type) => _dns?.Match(name, type) ?? default;

    /// <summary>Decides one Kafka request (semantics 7.2, ADR-0010).</summary>
    public Verdict CheckKafka(in KafkaCall call) => _kafka?.Match(call) ?? default;

    /// <summary>Judges the names of a Kafka request again, one by one; none where requests are judged as a whole.</summary>
    public KafkaNameWalk WalkKafka(in KafkaCall call) => _kafka is null ? default : _kafka.Walk(call);

    /// <summary>True if the response to an allowed Kafka request may show a topic.</summary>
    public bool ShowsKafka(in KafkaCall call, in KafkaName name) => _kafka is null || _kafka.Shows(call, name);

    /// <summary>True if whoever sends this Kafka request may send any other.</summary>
    public bool IsOpenForKafka(in KafkaRequest request) => _kafka is null || _kafka.IsOpen(request);

    /// <summary>True if an allowed Kafka request may create the topics it asks for.</summary>
    public bool CreatesKafka(in KafkaCall call) => _kafka is null || _kafka.Creates(call);

    /// <summary>True if one Kafka rule alone allows the name at hand, or the request; used to explain.</summary>
    public bool GrantsKafka(KafkaMatchRule rule, in KafkaCall call, in KafkaNameWalk walk) => _kafka is not null && _kafka.Grants(rule, call, walk);

    /// <summary>Kafka rules that apply; used to explain.</summary>
    public IEnumerable<KafkaMatchRule> KafkaRules => _kafka?.Rules ?? [];

    // Rules for another protocol on the same port admit HTTP only where Cilium's proxy does: a DNS list is not looked at by it, a
    // Kafka list or a custom listener is another proxy's business and fails closed here.
    private static bool AdmitsAnyHttp(SelectorPolicy policy) =>
        !policy.Deny && policy.Parser is L7Kind.None or L7Kind.Tls or L7Kind.Dns;

    private static bool Names(SelectorPolicy policy, ReadOnlySpan<char> name)
    {
        var rules = policy.ServerNames;
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i].Pattern.Matches(name))
            {
                return true;
            }
        }

        return rules.Count == 0;
    }

    private static bool IsSameListener(PolicyMapEntry entry, PolicyMapEntry winner) =>
        entry.Policy.Listener is null || entry.Policy.Listener == winner.Policy.Listener;
}
