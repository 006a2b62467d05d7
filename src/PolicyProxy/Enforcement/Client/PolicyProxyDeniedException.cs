using System.Net;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.Client;

/// <summary>
/// Policy denies a request (<see cref="DeniedRequest.Throw"/>). Its status code is 403, so that retries for transient failures leave it alone.
/// The message names host and path, never the query.
/// </summary>
public sealed class PolicyProxyDeniedException : HttpRequestException
{
    internal PolicyProxyDeniedException(string message, VerdictReason reason, RuleOrigin? rule)
        : base(message, inner: null, HttpStatusCode.Forbidden)
    {
        Reason = reason;
        Rule = rule;
    }

    /// <summary>Why.</summary>
    public VerdictReason Reason { get; }

    /// <summary>The rule that decided; null when no rule did (default deny).</summary>
    public RuleOrigin? Rule { get; }

    internal static PolicyProxyDeniedException Create(string subject, in Verdict verdict) => new(
        verdict.Rule is { } rule ? $"{subject} is denied by policy: {verdict.Reason}, {rule}" : $"{subject} is denied by policy: {verdict.Reason}",
        verdict.Reason,
        verdict.Rule);
}
