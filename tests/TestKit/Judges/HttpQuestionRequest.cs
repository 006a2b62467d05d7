using PolicyProxy.Protocols.Http;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Judges;

/// <summary>The request of a vector as the gate sees requests.</summary>
internal readonly struct HttpQuestionRequest(HttpQuestion question) : IHttpRequest
{
    public ReadOnlySpan<char> Method => question.Method;

    public ReadOnlySpan<char> Path => question.Path;

    public ReadOnlySpan<char> Authority => question.Host;

    public ReadOnlySpan<char> Scheme => "http";

    public ReadOnlySpan<char> Protocol => "HTTP/1.1";

    public bool HasHeader(string name) => Joined(name) is not null;

    public bool HeaderEquals(string name, string value) => Joined(name) == value;

    public bool HeaderStartsWith(string name, string prefix) => Joined(name)?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true;

    public bool HasOverride => HttpOverrides.ArePresent(this);

    public int CopyHeader(string name, scoped Span<char> destination)
    {
        _ = Joined(name)?.AsSpan().TryCopyTo(destination);
        return Joined(name)?.Length ?? -1;
    }

    private string? Joined(string name)
    {
        switch (name)
        {
            case ":method": return question.Method;
            case ":path": return question.Path;
            case ":authority": return question.Host;
            case ":scheme": return "http";
            default: break;
        }

        string? joined = null;
        foreach (var line in question.Headers)
        {
            if (line.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                joined = joined is null ? line.Value : joined + "," + line.Value;
            }
        }

        return joined;
    }
}
