using Grpc.Core;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Enforcement.Interceptors;

/// <summary>A gRPC call that is about to be made, as policy sees it: the POST to its path that it will be. Valid while the call's options are.</summary>
/// <param name="path">Full name of the method, <c>/package.Service/Method</c>.</param>
/// <param name="authority">Host and port of the server as they are sent.</param>
/// <param name="scheme"><c>https</c> or <c>http</c>.</param>
/// <param name="metadata">What is sent along; null = nothing.</param>
internal readonly struct GrpcCallRequest(string path, string authority, string scheme, Metadata? metadata) : IHttpRequest
{
    private const string ContentTypeField = "content-type";
    private const string ContentType = "application/grpc";

    public ReadOnlySpan<char> Method => "POST";

    public ReadOnlySpan<char> Path => path;

    public ReadOnlySpan<char> Authority => authority;

    public ReadOnlySpan<char> Scheme => scheme;

    public ReadOnlySpan<char> Protocol => "HTTP/2";

    public bool HasOverride => HttpOverrides.ArePresent(this);

    public bool HasHeader(string name) => Find(name) is not null;

    public bool HeaderEquals(string name, string value) => string.Equals(Find(name), value, StringComparison.Ordinal);

    public bool HeaderStartsWith(string name, string prefix) => Find(name)?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true;

    public int CopyHeader(string name, scoped Span<char> destination)
    {
        if (Find(name) is not { } value)
        {
            return -1;
        }

        _ = value.AsSpan().TryCopyTo(destination);
        return value.Length;
    }

    // Lines of one name joined, as every server sees them; binary values in base64, as they are sent.
    private string? Find(string name)
    {
        string? found = name switch
        {
            ":method" => "POST",
            ":path" => path,
            ":scheme" => scheme,
            ":authority" or "host" => authority,
            _ => string.Equals(name, ContentTypeField, StringComparison.OrdinalIgnoreCase) ? ContentType
                : string.Equals(name, "te", StringComparison.OrdinalIgnoreCase) ? "trailers"
                : null,
        };
        foreach (var entry in found is null ? metadata ?? [] : [])
        {
            if (string.Equals(entry.Key, name, StringComparison.OrdinalIgnoreCase))
            {
                var value = entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;
                found = found is null ? value : $"{found},{value}";
            }
        }

        return found;
    }
}
