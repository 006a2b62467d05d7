namespace PolicyProxy.Protocols.Http;

/// <summary>
/// Fields with which a client asks frameworks for another method or another target than the request line names. A proxy that judges
/// only the request line and an origin that obeys the field disagree about what was allowed. Static and thread-safe.
/// </summary>
public static class HttpOverrides
{
    /// <summary>Fields whose value replaces the method: Rails, Laravel, Symfony, Express' method-override, OData, Google's and Microsoft's APIs.</summary>
    public static ReadOnlySpan<string> MethodFields => s_methodFields;

    /// <summary>Fields whose value replaces the target: IIS URL Rewrite, Symfony, Zend; Envoy (CVE-2023-27487, CVE-2024-7207).</summary>
    public static ReadOnlySpan<string> TargetFields => s_targetFields;

    private static readonly string[] s_methodFields = ["x-http-method-override", "x-http-method", "x-method-override"];

    private static readonly string[] s_targetFields = ["x-original-url", "x-rewrite-url", "x-envoy-original-path"];

    /// <summary>True if a request that can only be asked name by name has one of the fields.</summary>
    /// <param name="request">The request.</param>
    public static bool ArePresent<TRequest>(in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        foreach (var name in s_methodFields)
        {
            if (request.HasHeader(name))
            {
                return true;
            }
        }

        foreach (var name in s_targetFields)
        {
            if (request.HasHeader(name))
            {
                return true;
            }
        }

        return false;
    }

    // Gateways that hand fields to programs as variables make one name of x-http-method, x_http_method and x.http.method.
    internal static bool IsName(ReadOnlySpan<byte> name) => name.Length switch
    {
        13 => IsLike(name, "x-http-method"u8) || IsLike(name, "x-rewrite-url"u8),
        14 => IsLike(name, "x-original-url"u8),
        17 => IsLike(name, "x-method-override"u8),
        21 => IsLike(name, "x-envoy-original-path"u8),
        22 => IsLike(name, "x-http-method-override"u8),
        _ => false,
    };

    private static bool IsLike(ReadOnlySpan<byte> name, ReadOnlySpan<byte> real) => Http1FieldFacts.IsLookalike(name, real);
}
