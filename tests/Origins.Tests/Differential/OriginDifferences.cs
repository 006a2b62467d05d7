using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>
/// Compares one request field by field. Known ways of single servers to write down the same thing are taken into account here and
/// nowhere else.
/// </summary>
internal static class OriginDifferences
{
    /// <summary>What differs; null if the origin understood what was judged.</summary>
    public static string? Find(OriginKind origin, JudgedRequest judged, OriginRequest seen) =>
        judged.Method != seen.Method ? "method"
        : judged.Path != Path(seen.Target) ? "target"
        : !IsSameHost(origin, judged, seen.Host) ? "host"
        : judged.BodyBytes != seen.BodyBytes ? "body length"
        : judged.BodyDigest != seen.BodyDigest ? "body"
        : Team(origin, judged) != Team(origin, seen.Values("x-team")) ? "fields"
        : null;

    // All origins but nginx and lighttpd report an absolute form as it came.
    private static string Path(string target)
    {
        var authority = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        if (authority < 0)
        {
            return target;
        }

        var path = target.IndexOf('/', authority + 3);
        return path < 0 ? "/" : target[path..];
    }

    private static bool IsSameHost(OriginKind origin, JudgedRequest judged, string host)
    {
        // HTTP/1.0 with an absolute form and without Host: some take the authority as the host, some leave it in the target.
        if (!judged.HasHost && host.Length == 0)
        {
            return true;
        }

        return origin switch
        {
            // lighttpd writes names in lower case, without a last dot and without the default port.
            OriginKind.Lighttpd => IsSameWithoutPort(judged.Authority.ToLowerInvariant(), host, ":80") || judged.Authority.Equals(host + ".", StringComparison.OrdinalIgnoreCase),

            // HAProxy leaves the default port out of an absolute form and of the field beside it.
            OriginKind.HAProxy => IsSameWithoutPort(judged.Authority, host, ":80") || IsSameWithoutPort(judged.Authority, host, ":443"),

            // aiohttp keeps the white space behind a value.
            OriginKind.Aiohttp => judged.Authority == host.TrimEnd(' ', '\t'),
            _ => judged.Authority == host,
        };
    }

    private static bool IsSameWithoutPort(string authority, string host, string port) =>
        authority == host || (authority.EndsWith(port, StringComparison.Ordinal) && authority[..^port.Length] == host);

    // nginx and lighttpd pass fields on as variables, whose names know no difference between '-', '_' and '.'.
    private static string Team(OriginKind origin, JudgedRequest judged) => Team(origin, judged.Teams
        .Where(field => field.Name switch
        {
            "x-team" => true,
            "x_team" => origin is OriginKind.Nginx or OriginKind.Lighttpd,
            _ => origin is OriginKind.Lighttpd,
        })
        .Select(static field => field.Value));

    // Servers that join field lines put a space behind the comma, and lighttpd leaves empty ones out.
    private static string Team(OriginKind origin, IEnumerable<string> values) =>
        string.Join(',', values.Where(value => value.Length > 0 || origin != OriginKind.Lighttpd)).Replace(", ", ",", StringComparison.Ordinal);
}
