using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>Says what is ambiguous about a request, for flows and explanations.</summary>
internal static class AmbiguityText
{
    public static string Of<TRequest>(in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        if (UrlPath.Diagnose(request.Path) is { Code: not ProtocolErrorCode.None } error)
        {
            return error.ToString();
        }

        return request.HasOverride
            ? "a field asks for another method or target, which is not allowed or cannot be read"
            : "origins may read the path in a form that is not allowed";
    }
}
