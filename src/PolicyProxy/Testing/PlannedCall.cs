using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Testing;

/// <summary>
/// A call as a test writes it: <c>GET https://api.example.com/orders</c>, <c>GRPC http://cart:5000/shop.Cart/GetItem</c>, or <c>tcp://db.example.com:5432</c>
/// for a connection alone. Immutable.
/// </summary>
internal sealed record PlannedCall(string Verb, Uri Uri) : IHttpRequest
{
    /// <summary>The verb of a gRPC call.</summary>
    public const string Grpc = "GRPC";

    private const string ContentType = "content-type";
    private const string GrpcContentType = "application/grpc";

    public bool IsRequest => Verb.Length > 0;

    public bool IsTls => Uri.Scheme is "https" or "wss";

    public ReadOnlySpan<char> Method => Verb == Grpc ? "POST" : Verb;

    public ReadOnlySpan<char> Path => Uri.PathAndQuery;

    public ReadOnlySpan<char> Authority => Uri.IsDefaultPort ? Uri.IdnHost : $"{Uri.IdnHost}:{Uri.Port}";

    public ReadOnlySpan<char> Scheme => IsTls ? "https" : "http";

    public ReadOnlySpan<char> Protocol => Verb == Grpc ? "HTTP/2" : "HTTP/1.1";

    public bool HasOverride => false;

    /// <summary>Reads a call.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static PlannedCall Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var (verb, url) = space < 0 ? (string.Empty, text) : (text[..space], text[(space + 1)..]);
        var isCall = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Port > 0
            && (verb.Length > 0 ? uri.Scheme is "http" or "https" or "ws" or "wss" : uri.Scheme == "tcp");
        return isCall ? new PlannedCall(verb, uri!) : throw new ArgumentException(
            $"'{text}' is no call: write GET https://host/path, GRPC http://host:port/package.Service/Method, or tcp://host:port", nameof(text));
    }

    public bool HasHeader(string name) => Find(name) is not null;

    public bool HeaderEquals(string name, string value) => Find(name) == value;

    public bool HeaderStartsWith(string name, string prefix) => Find(name)?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true;

    public int CopyHeader(string name, scoped Span<char> destination)
    {
        _ = Find(name)?.AsSpan().TryCopyTo(destination);
        return Find(name)?.Length ?? -1;
    }

    public override string ToString() => IsRequest ? $"{Verb} {Uri.OriginalString}" : Uri.OriginalString;

    private string? Find(string name) => name switch
    {
        ":method" => Method.ToString(),
        ":path" => Uri.PathAndQuery,
        ":scheme" => Scheme.ToString(),
        ":authority" or "host" => Authority.ToString(),
        ContentType when Verb == Grpc => GrpcContentType,
        _ => null,
    };
}
