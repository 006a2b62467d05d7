using System.Buffers;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>Judges HTTP requests: both forms of the path, and rules that ask for a TLS name.</summary>
internal abstract class HttpJudge<TRequest> : IProtocolJudge<TRequest>
    where TRequest : IHttpRequest, allows ref struct
{
    /// <summary>Longest path whose canonical form is made on the stack, in characters; longer ones borrow a buffer.</summary>
    private const int MaxStackPath = 512;

    public static Verdict Judge(ConnectionPolicy policy, in ConnectionPermit permit, in TRequest request) => policy.Kind switch
    {
        // Every entry asks for a server name and this connection has shown none that fits (semantics 8.2).
        L7Kind.Tls or L7Kind.Http when !policy.AllowsWithoutServerName && !permit.ServerNameAllowed =>
            new Verdict(false, VerdictReason.NoRuleMatched),
        L7Kind.Tls => new Verdict(true, VerdictReason.AllowedByRule, policy.Verdict.Rule),
        L7Kind.Http => JudgePath(policy, request),
        _ => new Verdict(false, VerdictReason.ProtocolError),
    };

    private static Verdict JudgePath(ConnectionPolicy policy, in TRequest request)
    {
        var path = request.Path;
        return UrlPath.Classify(path) switch
        {
            UrlPathForm.Canonical => policy.Check(request, path),
            UrlPathForm.NeedsCanonical => JudgeBothForms(policy, request, path),
            _ => new Verdict(false, VerdictReason.AmbiguousRequest),
        };
    }

    private static Verdict JudgeBothForms(ConnectionPolicy policy, in TRequest request, ReadOnlySpan<char> path)
    {
        char[]? borrowed = null;
        Span<char> buffer = path.Length <= MaxStackPath ? stackalloc char[MaxStackPath] : borrowed = ArrayPool<char>.Shared.Rent(path.Length);
        var length = UrlPath.WriteCanonical(path, buffer);
        var canonical = length < 0 ? default : policy.Check(request, buffer[..length]);
        var raw = policy.Check(request, path);
        if (borrowed is not null)
        {
            ArrayPool<char>.Shared.Return(borrowed);
        }

        return length < 0 || canonical.Allowed != raw.Allowed ? new Verdict(false, VerdictReason.AmbiguousRequest) : raw;
    }
}
