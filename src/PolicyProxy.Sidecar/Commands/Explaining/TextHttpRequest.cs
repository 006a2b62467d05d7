using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>An HTTP request typed on a command line. Path and authority are judged exactly as typed. Immutable.</summary>
internal sealed class TextHttpRequest : IHttpRequest
{
    private readonly Dictionary<string, string> _headers;
    private readonly string _method;
    private readonly string _path;
    private readonly string _authority;
    private readonly string _scheme;

    /// <summary>Creates the request.</summary>
    /// <param name="method">Method token.</param>
    /// <param name="scheme"><c>http</c> or <c>https</c>.</param>
    /// <param name="authority">Host header, with the port if the client sends one.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="headers">Header lines in order; lines of one name are joined with ",".</param>
    public TextHttpRequest(string method, string scheme, string authority, string path, IEnumerable<KeyValuePair<string, string>> headers)
    {
        (_method, _scheme, _authority, _path) = (method, scheme, authority, path);
        _headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [":method"] = method,
            [":scheme"] = scheme,
            [":path"] = path,
        };
        if (authority.Length > 0)
        {
            _headers[":authority"] = authority;
            _headers["host"] = authority;
        }

        foreach (var (name, value) in headers)
        {
            var key = name.ToLowerInvariant();
            _headers[key] = _headers.TryGetValue(key, out var before) ? before + "," + value : value;
        }
    }

    public ReadOnlySpan<char> Method => _method;

    public ReadOnlySpan<char> Path => _path;

    public ReadOnlySpan<char> Authority => _authority;

    public ReadOnlySpan<char> Scheme => _scheme;

    public ReadOnlySpan<char> Protocol => "HTTP/1.1";

    public bool HasHeader(string name) => _headers.ContainsKey(name);

    public bool HeaderEquals(string name, string value) => _headers.TryGetValue(name, out var own) && own == value;

    public bool HeaderStartsWith(string name, string prefix) =>
        _headers.TryGetValue(name, out var own) && own.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    public bool HasOverride => HttpOverrides.ArePresent(this);

    public int CopyHeader(string name, scoped Span<char> destination)
    {
        if (!_headers.TryGetValue(name, out var own))
        {
            return -1;
        }

        _ = own.AsSpan().TryCopyTo(destination);
        return own.Length;
    }

    public override string ToString() => $"{_method} {_scheme}://{_authority}{_path}";
}
