using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>A request with another method or target: what an origin that obeys an override field would serve.</summary>
internal readonly ref struct OverriddenRequest<TRequest>(TRequest request, ReadOnlySpan<char> method, ReadOnlySpan<char> path) : IHttpRequest
    where TRequest : IHttpRequest, allows ref struct
{
    private readonly TRequest _request = request;

    public ReadOnlySpan<char> Method { get; } = method;

    public ReadOnlySpan<char> Path { get; } = path;

    public ReadOnlySpan<char> Authority => _request.Authority;

    public ReadOnlySpan<char> Scheme => _request.Scheme;

    public ReadOnlySpan<char> Protocol => _request.Protocol;

    public bool HasOverride => _request.HasOverride;

    public bool HasHeader(string name) => _request.HasHeader(name);

    public bool HeaderEquals(string name, string value) => name switch
    {
        ":method" => Method.SequenceEqual(value),
        ":path" => Path.SequenceEqual(value),
        _ => _request.HeaderEquals(name, value),
    };

    public bool HeaderStartsWith(string name, string prefix) => name switch
    {
        ":method" => Method.StartsWith(prefix, StringComparison.OrdinalIgnoreCase),
        ":path" => Path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase),
        _ => _request.HeaderStartsWith(name, prefix),
    };

    public int CopyHeader(string name, scoped Span<char> destination) => _request.CopyHeader(name, destination);
}
