using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>Judges HTTP requests: both forms of the path, fields that override method or target, and rules that ask for a TLS name.</summary>
internal abstract class HttpJudge<TRequest> : IProtocolJudge<TRequest>
    where TRequest : IHttpRequest, allows ref struct
{
    public static Verdict Judge(ConnectionPolicy policy, in ConnectionPermit permit, in TRequest request) => policy.Kind switch
    {
        // Every entry asks for a server name and this connection has shown none that fits (semantics 8.2).
        L7Kind.Tls or L7Kind.Http when !policy.AllowsWithoutServerName && !permit.ServerNameAllowed =>
            new Verdict(false, VerdictReason.NoRuleMatched),
        L7Kind.Tls => new Verdict(true, VerdictReason.AllowedByRule, policy.Verdict.Rule),
        L7Kind.Http => JudgeRequest(policy, request),
        _ => new Verdict(false, VerdictReason.ProtocolError),
    };

    /// <inheritdoc/>
    public static ReadOnlySpan<char> NameIn(in TRequest request) => HostName.Of(request.Authority);

    private static Verdict JudgeRequest(ConnectionPolicy policy, in TRequest request)
    {
        var verdict = HttpPathJudge<TRequest>.Judge(policy, request);
        return verdict.Allowed && request.HasOverride && !HttpOverrideJudge<TRequest>.IsAllowed(policy, request)
            ? new Verdict(false, VerdictReason.AmbiguousRequest)
            : verdict;
    }
}
