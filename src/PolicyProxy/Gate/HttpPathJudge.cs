using System.Buffers;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>Judges a request in the raw and in the canonical form of its path; both have to be allowed.</summary>
internal static class HttpPathJudge<TRequest>
    where TRequest : IHttpRequest, allows ref struct
{
    /// <summary>Longest path whose canonical form is made on the stack, in characters; longer ones borrow a buffer.</summary>
    private const int MaxStackPath = 512;

    public static Verdict Judge(ConnectionPolicy policy, in TRequest request)
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
