using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// The request of an <see cref="HttpContext"/> as policy sees it: the raw target, never the decoded path. 0 bytes allocated. Valid
/// while the request is.
/// </summary>
internal readonly struct HttpContextRequest : IHttpRequest
{
    private readonly string _method;
    private readonly string _scheme;
    private readonly string _protocol;
    private readonly string _host;
    private readonly RequestTarget _target;
    private readonly IHeaderDictionary _headers;

    public HttpContextRequest(HttpContext context)
    {
        var feature = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        _method = MethodOf(context, feature);
        _scheme = feature.Scheme;
        _protocol = feature.Protocol;
        _headers = feature.Headers;
        _host = _headers.Host.ToString();
        _target = RequestTarget.Parse(feature.RawTarget);
    }

    /// <summary>False for asterisk form, authority form and malformed targets: not to be forwarded whatever the verdict.</summary>
    public bool HasPath => _target.HasPath;

    public ReadOnlySpan<char> Method => _method;

    public ReadOnlySpan<char> Path => _target.Path;

    public ReadOnlySpan<char> Authority => _target.HasAuthority ? _target.Authority : _host;

    public ReadOnlySpan<char> Scheme => _scheme;

    public ReadOnlySpan<char> Protocol => _protocol;

    public bool HasHeader(string name) => name.StartsWith(':') ? IsPseudoHeader(name) : _headers.ContainsKey(name);

    public bool HeaderEquals(string name, string value)
    {
        if (name.StartsWith(':'))
        {
            return IsPseudoHeader(name) && PseudoHeader(name).SequenceEqual(value);
        }

        if (!_headers.TryGetValue(name, out var values))
        {
            return false;
        }

        return values.Count <= 1 ? string.Equals(values.ToString(), value, StringComparison.Ordinal) : JoinedEquals(values, value);
    }

    public bool HeaderStartsWith(string name, string prefix)
    {
        if (name.StartsWith(':'))
        {
            return IsPseudoHeader(name) && PseudoHeader(name).StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
        }

        // Only a joined value longer than its first line differs from the first line; prefixes asked for are media types.
        return _headers.TryGetValue(name, out var values)
            && (values.Count <= 1 ? values.ToString() : string.Join(',', values.ToArray()))
                .StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
    }

    public bool HasOverride => HttpOverrides.ArePresent(this);

    public int CopyHeader(string name, scoped Span<char> destination)
    {
        if (!_headers.TryGetValue(name, out var values))
        {
            return -1;
        }

        var joined = values.Count <= 1 ? values.ToString() : string.Join(',', values.ToArray());
        _ = joined.AsSpan().TryCopyTo(destination);
        return joined.Length;
    }

    /// <summary>
    /// A WebSocket over HTTP/2 arrives as extended CONNECT (RFC 8441); policies are written for the GET it is over HTTP/1.1, and
    /// Envoy rewrites it to that before its filters.
    /// </summary>
    private static string MethodOf(HttpContext context, IHttpRequestFeature feature) =>
        HttpMethods.IsConnect(feature.Method)
        && string.Equals(context.Features.Get<IHttpExtendedConnectFeature>()?.Protocol, "websocket", StringComparison.OrdinalIgnoreCase)
            ? HttpMethods.Get
            : feature.Method;

    private static bool JoinedEquals(StringValues values, string expected)
    {
        var rest = expected.AsSpan();
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
            {
                if (!rest.StartsWith(','))
                {
                    return false;
                }

                rest = rest[1..];
            }

            if (!rest.StartsWith(values[i], StringComparison.Ordinal))
            {
                return false;
            }

            rest = rest[(values[i]?.Length ?? 0)..];
        }

        return rest.IsEmpty;
    }

    private bool IsPseudoHeader(string name) =>
        name is ":method" or ":path" or ":scheme" || (name is ":authority" && !Authority.IsEmpty);

    private ReadOnlySpan<char> PseudoHeader(string name) => name switch
    {
        ":method" => Method,
        ":path" => Path,
        ":scheme" => Scheme,
        _ => Authority,
    };
}
