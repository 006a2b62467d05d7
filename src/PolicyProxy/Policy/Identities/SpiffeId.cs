using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace PolicyProxy.Policy.Identities;

/// <summary>
/// A SPIFFE id, <c>spiffe://trust-domain/path</c>, in the one form the SPIFFE standard allows: no escapes, no port, no query, no empty or dot
/// segments, lower-case trust domain. Immutable.
/// </summary>
public sealed record SpiffeId
{
    /// <summary>Longest id, in characters; the standard's limit.</summary>
    public const int MaxChars = 2_048;

    /// <summary>Longest trust domain, in characters; the standard's limit.</summary>
    public const int MaxTrustDomainChars = 255;

    private const string Scheme = "spiffe://";

    private static readonly SearchValues<char> s_domainChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-_");
    private static readonly SearchValues<char> s_segmentChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    private SpiffeId(string trustDomain, string path)
    {
        TrustDomain = trustDomain;
        Path = path;
    }

    /// <summary>Who vouches for the id: <c>example.org</c>.</summary>
    public string TrustDomain { get; }

    /// <summary>Path with its leading slash; empty for the id of the trust domain itself, which no workload has.</summary>
    public string Path { get; }

    /// <summary>Reads an id; anything but its canonical form is refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SpiffeId? id)
    {
        id = null;
        if (text is null || text.Length > MaxChars || !text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = text.AsSpan(Scheme.Length);
        var slash = rest.IndexOf('/');
        var domain = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 ? [] : rest[slash..];
        if (!IsTrustDomain(domain) || !IsPath(path))
        {
            return false;
        }

        id = new SpiffeId(domain.ToString(), path.ToString());
        return true;
    }

    /// <summary>True for a name that can be a trust domain.</summary>
    public static bool IsTrustDomain(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxTrustDomainChars && !text.ContainsAnyExcept(s_domainChars);

    /// <summary>The number of <c>/identity/NUMBER</c>, the ids that Cilium gives to its identities; null for every other path.</summary>
    internal uint? IdentityNumber
    {
        get
        {
            const string prefix = "/identity/";
            var digits = Path.StartsWith(prefix, StringComparison.Ordinal) ? Path.AsSpan(prefix.Length) : [];
            var isCanonical = digits.Length > 0 && digits[0] != '0' && !digits.ContainsAnyExceptInRange('0', '9');
            return isCanonical && uint.TryParse(digits, out var number) ? number : null;
        }
    }

    /// <summary>Namespace and name of <c>/ns/NAMESPACE/sa/NAME</c>, the ids of Kubernetes service accounts; null for every other path.</summary>
    internal (string Namespace, string Name)? ServiceAccount =>
        Path.Split('/') is ["", "ns", { Length: > 0 } space, "sa", { Length: > 0 } name] ? (space, name) : null;

    /// <summary>The id as a URI.</summary>
    public override string ToString() => $"{Scheme}{TrustDomain}{Path}";

    private static bool IsPath(ReadOnlySpan<char> path)
    {
        while (!path.IsEmpty)
        {
            path = path[1..];
            var end = path.IndexOf('/');
            var segment = end < 0 ? path : path[..end];
            if (segment is "" or "." or ".." || segment.ContainsAnyExcept(s_segmentChars))
            {
                return false;
            }

            path = end < 0 ? [] : path[end..];
        }

        return true;
    }
}
