using PolicyProxy.Flows;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>Walks one connection and request through the very objects that enforce, and writes down every step. Slow, complete.</summary>
internal sealed partial class Explainer(ConnectionPermit permit)
{
    private readonly List<ExplanationStep> _steps = [];
    private NearestRule? _nearest;

    public Explanation Explain(IHttpRequest? request)
    {
        Connection();
        var final = permit.Verdict;
        if (request is not null && final.Allowed && permit.Policy is not null)
        {
            var boxed = new BoxedRequest(request);
            final = RequestJudge.Judge<HttpJudge<BoxedRequest>, BoxedRequest>(permit, boxed);
            Requests(permit.Policy, boxed, final);
        }

        return Conclude(final);
    }

    private void Connection()
    {
        Facts();
        if (permit.Policy is { } policy)
        {
            Connection(policy);
            _nearest = NearestEntry.Find(permit);
        }
    }

    private Explanation Conclude(in Verdict final)
    {
        Add("verdict", final.Allowed ? StepOutcome.Allows : StepOutcome.Denies, final.Rule, Conclusion(final));
        return new Explanation
        {
            Connection = permit.Verdict,
            Final = final,
            Direction = permit.Tuple.Direction,
            Kind = permit.Kind,
            Steps = _steps,
            Nearest = final.Allowed ? null : _nearest,
        };
    }

    private static string Conclusion(in Verdict verdict)
    {
        var prefix = verdict.Audited ? "AUDIT, would be dropped: " : verdict.Allowed ? "FORWARDED: " : "DROPPED: ";
        return prefix + verdict.Reason switch
        {
            VerdictReason.NotEnforced => "no policy selects the subject in this direction",
            VerdictReason.AllowedByRule => $"allowed by {verdict.Rule}",
            VerdictReason.AllowedByDefault => "no policy of this direction switches default deny on",
            VerdictReason.Redirected => $"the connection is admitted by {verdict.Rule}; each request is judged",
            VerdictReason.DefaultDeny => "default deny, no rule allows this connection",
            VerdictReason.DeniedByRule => $"denied by {verdict.Rule}",
            VerdictReason.NoRuleMatched => "no L7 rule matches this request",
            VerdictReason.AmbiguousRequest => "servers could read this path in different ways, and not every reading is allowed",
            VerdictReason.ProtocolError => "the rules of this port are for another protocol",
            VerdictReason.PolicyError => "the policies of this subject contradict each other",
            VerdictReason.AuthenticationRequired => $"{verdict.Rule} requires mutual authentication",
            VerdictReason.Unsupported => $"{verdict.Rule} needs a custom Envoy listener, which does not exist here",
            VerdictReason.NameNotAllowed => $"{verdict.Rule} allows this address for other names than the one that is shown",
            VerdictReason.HostMismatch => "the request names another host than the TLS handshake",
            VerdictReason.NameNotVisible => $"{verdict.Rule} allows this address for some names, and none is shown",
            VerdictReason.CertificateRefused => "the peer's certificate does not prove who it is",
            VerdictReason.SecretWithheld => $"{verdict.Rule} adds a secret, and nothing proves that the peer is the one it is for: a verified TLS name, or a rule that speaks of its address",
            _ => "no policy is loaded",
        };
    }

    private void Facts()
    {
        var tuple = permit.Tuple;
        Add("subject", StepOutcome.Fact, null, $"{tuple.Subject}");
        Add("peer", StepOutcome.Fact, null, permit.Peer is null ? "unknown" : $"{permit.Peer}");
        Add("connection", StepOutcome.Fact, null, $"{tuple.Direction.ToString().ToLowerInvariant()} {tuple.Protocol.ToString().ToUpperInvariant()} port {tuple.Port}");
    }

    private void Connection(ConnectionPolicy policy)
    {
        if (policy.Error.Length > 0)
        {
            Add("enforcement", StepOutcome.Denies, null, policy.Error);
            return;
        }

        var direction = policy.Direction;
        Add("enforcement", StepOutcome.Fact, null, !direction.IsEnforced ? "no policy selects the subject in this direction"
            : direction.IsDefaultDeny ? $"default deny, switched on by {direction.Selecting.Count} rule(s)"
            : "policies select the subject, none switches default deny on");
        foreach (var entry in direction.Entries)
        {
            Entry(entry, policy);
        }
    }

    private void Entry(PolicyMapEntry entry, ConnectionPolicy policy)
    {
        var origin = entry.Policy.Origins[0];
        var (_, missed) = NearestEntry.Compare(entry, permit);
        if (missed.Length > 0)
        {
            Add("l4", StepOutcome.Misses, origin, missed);
            return;
        }

        var outcome = entry.Policy.Deny ? StepOutcome.Denies : entry.Policy.Parser == L7Kind.None ? StepOutcome.Allows : StepOutcome.Redirects;
        var decides = ReferenceEquals(entry, policy.Covering[0]) ? ", decides the connection" : string.Empty;
        var what = outcome switch
        {
            StepOutcome.Denies => "denies",
            StepOutcome.Allows => "allows",
            _ => $"admits for inspection ({entry.Policy.Parser.ToString().ToLowerInvariant()})",
        };
        Add("l4", outcome, origin, $"{what} {entry.Port} for {entry.Selector}{decides}");
    }

    private void Requests(ConnectionPolicy policy, in BoxedRequest request, in Verdict final)
    {
        if (policy.Kind != L7Kind.Http)
        {
            return;
        }

        if (final.Reason == VerdictReason.AmbiguousRequest)
        {
            Add("http", StepOutcome.Denies, null, AmbiguityText.Of(request));
        }

        foreach (var rule in policy.HttpRules)
        {
            var (_, missed) = NearestHttpRule.Compare(rule, request);
            Add("http", missed.Length == 0 ? StepOutcome.Allows : StepOutcome.Misses, rule.Origin, missed.Length == 0 ? "matches" : missed);
        }

        if (!final.Allowed)
        {
            _nearest = NearestHttpRule.Find(permit, request);
        }
    }

    private void Add(string stage, StepOutcome outcome, RuleOrigin? rule, string text) =>
        _steps.Add(new ExplanationStep(stage, outcome, rule, text));

    // The judges are generic over structs; the explanation takes any implementation.
    private readonly struct BoxedRequest(IHttpRequest request) : IHttpRequest
    {
        public ReadOnlySpan<char> Method => request.Method;

        public ReadOnlySpan<char> Path => request.Path;

        public ReadOnlySpan<char> Authority => request.Authority;

        public ReadOnlySpan<char> Scheme => request.Scheme;

        public ReadOnlySpan<char> Protocol => request.Protocol;

        public bool HasHeader(string name) => request.HasHeader(name);

        public bool HeaderEquals(string name, string value) => request.HeaderEquals(name, value);

        public bool HeaderStartsWith(string name, string prefix) => request.HeaderStartsWith(name, prefix);

        public bool HasOverride => request.HasOverride;

        public int CopyHeader(string name, scoped Span<char> destination) => request.CopyHeader(name, destination);
    }
}
