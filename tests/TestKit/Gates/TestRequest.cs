using PolicyProxy.Protocols.Http;

namespace PolicyProxy.TestKit.Gates;

/// <summary>A request over strings, without allocation on access; headers are unique and in lower case.</summary>
internal readonly struct TestRequest(string method, string path, string authority = "api", params (string Name, string Value)[] headers) : IHttpRequest
{
    public ReadOnlySpan<char> Method => method;

    public ReadOnlySpan<char> Path => path;

    public ReadOnlySpan<char> Authority => authority;

    public ReadOnlySpan<char> Scheme => "http";

    public ReadOnlySpan<char> Protocol => "HTTP/1.1";

    public bool HasHeader(string name) => Value(name) is not null;

    public bool HeaderEquals(string name, string value) => Value(name) == value;

    public bool HeaderStartsWith(string name, string prefix) => Value(name)?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true;

    public bool HasOverride => HttpOverrides.ArePresent(this);

    public int CopyHeader(string name, scoped Span<char> destination)
    {
        _ = Value(name)?.AsSpan().TryCopyTo(destination);
        return Value(name)?.Length ?? -1;
    }

    private string? Value(string name)
    {
        foreach (var (key, value) in headers)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }
}
