namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// A request-target cut into what policy judges (RFC 9112 §3.2). Origin form and absolute form have a path; asterisk form, authority
/// form and anything else do not and are never forwarded.
/// </summary>
internal readonly struct RequestTarget
{
    private readonly string _text;
    private readonly int _authorityStart;
    private readonly int _pathStart;

    private RequestTarget(string text, int authorityStart, int pathStart, bool hasPath)
    {
        _text = text;
        _authorityStart = authorityStart;
        _pathStart = pathStart;
        HasPath = hasPath;
    }

    /// <summary>True for origin form and absolute form.</summary>
    public bool HasPath { get; }

    /// <summary>True for absolute form: the authority of the target replaces the Host field (RFC 9112 §3.2.2).</summary>
    public bool HasAuthority => _authorityStart > 0;

    /// <summary>Authority of an absolute form as received; empty otherwise.</summary>
    public ReadOnlySpan<char> Authority => _text.AsSpan(_authorityStart, _pathStart - _authorityStart);

    /// <summary>Path and query exactly as received, or the whole target when it has no path.</summary>
    public ReadOnlySpan<char> Path => HasPath && _pathStart == _text.Length ? "/" : _text.AsSpan(_pathStart);

    /// <summary>Cuts a target; allocates only for an absolute form with a query directly behind the authority.</summary>
    public static RequestTarget Parse(string target)
    {
        if (target.StartsWith('/'))
        {
            return new RequestTarget(target, 0, 0, hasPath: true);
        }

        var schemeLength =
            target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7 :
            target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8 : 0;
        if (schemeLength == 0)
        {
            return new RequestTarget(target, 0, 0, hasPath: false);
        }

        var length = target.AsSpan(schemeLength).IndexOfAny("/?#\\@");
        var end = length < 0 ? target.Length : schemeLength + length;
        if (end == schemeLength || (end < target.Length && target[end] is not ('/' or '?')))
        {
            // An empty host, user information, a fragment or a backslash: what a server takes for the host is anybody's guess.
            return new RequestTarget(target, 0, 0, hasPath: false);
        }

        return end < target.Length && target[end] == '?'
            ? new RequestTarget(target.Insert(end, "/"), schemeLength, end, hasPath: true)
            : new RequestTarget(target, schemeLength, end, hasPath: true);
    }
}
