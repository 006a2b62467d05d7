using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>
/// Says whether a request that reached an origin is one that <see cref="BypassPolicy"/> allows, whichever way an application reads it:
/// all <see cref="TargetReadings"/>, the origin's own path, and what override fields make of it. Independent of the product's code.
/// </summary>
internal static class BypassOracle
{
    private static readonly string[] s_methodFields = ["x-http-method-override", "x-http-method", "x-method-override"];
    private static readonly string[] s_pathFields = ["x-original-url", "x-rewrite-url", "x-envoy-original-path"];

    /// <summary>Why the request must not have come through; null if it is allowed.</summary>
    public static string? Find(OriginRequest seen)
    {
        if (seen.Target.Contains("smuggled", StringComparison.Ordinal))
        {
            return "was no request when it was judged";
        }

        string[] methods = [seen.Method, .. s_methodFields.SelectMany(seen.Values)];
        string[] paths = [seen.Path, .. TargetReadings.Of(seen.Target), .. s_pathFields.SelectMany(seen.Values).SelectMany(TargetReadings.Of)];
        foreach (var path in paths)
        {
            if (methods.FirstOrDefault(method => !IsAllowed(method, path, seen)) is { } method)
            {
                return $"{method} {path} is forbidden";
            }
        }

        return null;
    }

    private static bool IsAllowed(string method, string path, OriginRequest seen)
    {
        if (path.StartsWith("/legit/", StringComparison.Ordinal))
        {
            return true;
        }

        return HostName(seen.Host) == BypassCase.Host && method switch
        {
            "GET" => path.StartsWith("/public/", StringComparison.Ordinal) || IsItem(path)
                || (path.StartsWith("/team/", StringComparison.Ordinal) && seen.Values("x-team") is ["blue"]),
            "HEAD" => path.StartsWith("/public/", StringComparison.Ordinal),
            "POST" or "PUT" => path.StartsWith("/upload/", StringComparison.Ordinal),
            _ => false,
        };
    }

    private static bool IsItem(string path) =>
        path.StartsWith("/item-", StringComparison.Ordinal) && path.Length > 6 && path.AsSpan(6).IndexOfAnyExceptInRange('0', '9') < 0;

    // What a server that is not strict finds its virtual host by.
    private static string HostName(string host) => host.Trim(' ', '\t').ToLowerInvariant().Split(':')[0].TrimEnd('.');
}
