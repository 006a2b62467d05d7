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
        L7Kind.Tls or L7Kind.Http when !policy.AllowsWithoutServerName && !IsNameAllowed(policy, permit) =>
            new Verdict(false, VerdictReason.NoRuleMatched),
        L7Kind.Tls => new Verdict(true, VerdictReason.AllowedByRule, policy.Verdict.Rule),
        L7Kind.Http => JudgeRequest(policy, permit, request),
        _ => new Verdict(false, VerdictReason.ProtocolError),
    };

    /// <inheritdoc/>
    public static ReadOnlySpan<char> NameIn(in TRequest request) => HostName.Of(request.Authority);

    // By the rules in force now, where the name is still known.
    private static bool IsNameAllowed(ConnectionPolicy policy, in ConnectionPermit permit) =>
        permit.Tuple.TlsServer is null ? permit.ServerNameAllowed : policy.CheckServerName(permit.TlsName).Allowed;

    private static Verdict JudgeRequest(ConnectionPolicy policy, in ConnectionPermit permit, in TRequest request)
    {
        var verdict = HttpPathJudge<TRequest>.Judge(policy, request);
        if (verdict is { Allowed: true, HeaderEdits.Count: > 0 } && !SecretKeeper.MayReceive(policy, permit, request.Authority, verdict.HeaderEdits))
        {
            return new Verdict(false, VerdictReason.SecretWithheld, verdict.Rule);
        }

        return verdict.Allowed && request.HasOverride && !HttpOverrideJudge<TRequest>.IsAllowed(policy, request)
            ? new Verdict(false, VerdictReason.AmbiguousRequest)
            : verdict;
    }
}
