using System.Text.RegularExpressions;

namespace PolicyProxy.Benchmarks.SideBySide;

/// <summary>The rules of the comparison, as the other programs have them in their configuration.</summary>
internal static partial class Rules
{
    public static bool Allow(HttpRequest request) => (HttpMethods.IsGet(request.Method) || HttpMethods.IsPost(request.Method)) && AllowPath(request.Path.Value ?? "");

    private static bool AllowPath(string path) =>
        path.StartsWith("/api/v1/", StringComparison.Ordinal) || path == "/api/health" || Orders().IsMatch(path);

    [GeneratedRegex("^/users/[0-9]+/orders(/.*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Orders();
}
