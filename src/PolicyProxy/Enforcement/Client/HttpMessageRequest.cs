using System.Globalization;
using System.Net.Http.Headers;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Enforcement.Client;

/// <summary>
/// A request of an application as policy sees it, and as <see cref="SocketsHttpHandler"/> writes it: fields as they are joined on the wire. What
/// the transport adds by itself (<c>traceparent</c>, credentials it was given) is not seen. Allocates the path; valid while the request is.
/// </summary>
internal readonly struct HttpMessageRequest : IHttpRequest
{
    private const string HostField = "host";
    private const string LengthField = "content-length";

    private readonly HttpRequestMessage _message;
    private readonly string _authority;
    private readonly string _method;
    private readonly string _path;

    /// <summary>Reads a request.</summary>
    /// <param name="message">The request, with an absolute URI.</param>
    /// <param name="authority">Host and port of its URI as they are sent if the request has no Host field of its own.</param>
    public HttpMessageRequest(HttpRequestMessage message, string authority)
    {
        _message = message;
        _authority = message.Headers.Host ?? authority;
        _path = message.RequestUri!.PathAndQuery;

        // The transport writes known methods in their own case. A WebSocket over HTTP/2 is judged as the GET it is over HTTP/1.1.
        var method = HttpMethod.Parse(message.Method.Method);
        _method = method == HttpMethod.Connect && string.Equals(message.Headers.Protocol, "websocket", StringComparison.OrdinalIgnoreCase)
            ? HttpMethod.Get.Method
            : method.Method;
    }

    public ReadOnlySpan<char> Method => _method;

    public ReadOnlySpan<char> Path => _path;

    public ReadOnlySpan<char> Authority => _authority;

    public ReadOnlySpan<char> Scheme => IsTls ? "https" : "http";

    public ReadOnlySpan<char> Protocol => _message.Version.Major >= 2 ? "HTTP/2" : "HTTP/1.1";

    public bool IsTls => _message.RequestUri!.Scheme is "https" or "wss";

    /// <summary>The name the TLS handshake shows: the host without its port; empty for addresses, which are not shown.</summary>
    public ReadOnlySpan<char> ServerName => Gate.HostName.Of(_authority);

    public bool HasOverride => HttpOverrides.ArePresent(this);

    public bool HasHeader(string name) => TryGet(name, out _);

    public bool HeaderEquals(string name, string value) => TryGet(name, out var own) && string.Equals(own, value, StringComparison.Ordinal);

    public bool HeaderStartsWith(string name, string prefix) => TryGet(name, out var own) && own.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    public int CopyHeader(string name, scoped Span<char> destination)
    {
        if (!TryGet(name, out var value))
        {
            return -1;
        }

        _ = value.AsSpan().TryCopyTo(destination);
        return value.Length;
    }

    private bool TryGet(string name, out string value)
    {
        if (name.StartsWith(':'))
        {
            value = name switch
            {
                ":method" => _method,
                ":path" => _path,
                ":scheme" => Scheme.ToString(),
                ":authority" => _authority,
                _ => string.Empty,
            };
            return value.Length > 0;
        }

        if (string.Equals(name, HostField, StringComparison.OrdinalIgnoreCase))
        {
            value = _authority;
            return true;
        }

        if (TryGet(_message.Headers, name, out value))
        {
            return true;
        }

        if (string.Equals(name, LengthField, StringComparison.OrdinalIgnoreCase) && _message.Content?.Headers.ContentLength is { } length)
        {
            value = length.ToString(CultureInfo.InvariantCulture);
            return true;
        }

        return _message.Content is { } content && TryGet(content.Headers, name, out value);
    }

    private static bool TryGet(HttpHeaders headers, string name, out string value)
    {
        var isPresent = headers.NonValidated.TryGetValues(name, out var values);
        value = isPresent ? values.ToString() : string.Empty;
        return isPresent;
    }
}
