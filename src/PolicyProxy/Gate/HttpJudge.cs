using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>Judges HTTP requests on a connection: both forms of the path, audit, and rules that ask for a TLS name. Pure.</summary>
internal static class HttpJudge
{
    /// <summary>Longest path whose canonical form is made on the stack, in characters; longer ones borrow a buffer.</summary>
    private const int MaxStackPath = 512;

    public static Verdict Judge<TRequest>(in ConnectionPermit permit, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        var policy = permit.Policy;
        if (policy is null)
        {
            return default;
        }

        if (policy.IsSimple)
        {
            var verdict = policy.Admitted ? Judge(policy, permit.ServerNameAllowed, request) : policy.Verdict;
            return verdict.Allowed ? verdict : permit.Apply(verdict, verdict);
        }

        if (!permit.IsAllowed)
        {
            return permit.Verdict;
        }

        var full = Judge(policy, permit.ServerNameAllowed, request);
        var enforced = policy.Enforced is { } other ? Judge(other, permit.ServerNameAllowed, request) : full;
        return permit.Apply(enforced, full);
    }

    private static Verdict Judge<TRequest>(ConnectionPolicy policy, bool serverNameAllowed, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        switch (policy.Kind)
        {
            case L7Kind.None:
                return policy.Verdict;
            case L7Kind.Tls or L7Kind.Http when !policy.AllowsWithoutServerName && !serverNameAllowed:
                // Every entry asks for a server name and this connection has shown none that fits (semantics 8.2).
                return new Verdict(false, VerdictReason.NoRuleMatched);
            case L7Kind.Tls:
                return new Verdict(true, VerdictReason.AllowedByRule, policy.Verdict.Rule);
            case L7Kind.Http:
                return JudgePath(policy, request);
            default:
                return new Verdict(false, VerdictReason.ProtocolError);
        }
    }

    private static Verdict JudgePath<TRequest>(ConnectionPolicy policy, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        var path = request.Path;
        switch (UrlPath.Classify(path))
        {
            case UrlPathForm.Canonical:
                return policy.Check(request, path);
            case UrlPathForm.NeedsCanonical:
                return JudgeBothForms(policy, request, path);
            default:
                return new Verdict(false, VerdictReason.AmbiguousRequest);
        }
    }

    private static Verdict JudgeBothForms<TRequest>(ConnectionPolicy policy, in TRequest request, ReadOnlySpan<char> path)
        where TRequest : IHttpRequest, allows ref struct
    {
        char[]? borrowed = null;
        Span<char> buffer = path.Length <= MaxStackPath
            ? stackalloc char[MaxStackPath]
            : borrowed = System.Buffers.ArrayPool<char>.Shared.Rent(path.Length);
        var length = UrlPath.WriteCanonical(path, buffer);
        var canonical = length < 0 ? default : policy.Check(request, buffer[..length]);
        var raw = policy.Check(request, path);
        if (borrowed is not null)
        {
            System.Buffers.ArrayPool<char>.Shared.Return(borrowed);
        }

        return length < 0 || canonical.Allowed != raw.Allowed ? new Verdict(false, VerdictReason.AmbiguousRequest) : raw;
    }
}
