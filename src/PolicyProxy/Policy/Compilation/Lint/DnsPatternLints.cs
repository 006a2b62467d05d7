using System.Collections.Frozen;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Lints about name patterns of <c>toFQDNs</c>, <c>dns</c> rules and <c>serverNames</c>.</summary>
internal static class DnsPatternLints
{
    // Names under which anybody can get a name of their own: common registries with two labels, and large hosting services.
    private static readonly FrozenSet<string> SharedSuffixes = FrozenSet.ToFrozenSet(
        [
            "ac.uk", "co.in", "co.jp", "co.kr", "co.nz", "co.uk", "co.za", "com.ar", "com.au", "com.br", "com.cn", "com.mx", "com.tr", "net.au", "org.au", "org.uk",
            "amazonaws.com", "appspot.com", "azureedge.net", "azurewebsites.net", "blob.core.windows.net", "blogspot.com", "cloudapp.net",
            "cloudfront.net", "fastly.net", "fly.dev", "github.io", "gitlab.io", "herokuapp.com", "netlify.app", "ngrok.io", "onrender.com",
            "pages.dev", "readthedocs.io", "s3.amazonaws.com", "run.app", "vercel.app", "web.app", "workers.dev",
        ],
        StringComparer.Ordinal);

    // Not reachable by registration: reserved or private (RFC 6761, RFC 6762, RFC 8375, RFC 9476 and cluster names).
    private static readonly FrozenSet<string> PrivateNames = FrozenSet.ToFrozenSet(
        ["alt", "arpa", "cluster", "corp", "example", "home", "internal", "invalid", "lan", "local", "localhost", "svc", "test"],
        StringComparer.Ordinal);

    public static void Run(LintReport report, PolicyObjects objects)
    {
        foreach (var allow in RuleWalk.Allows(objects))
        {
            foreach (var name in allow.Entry.Fqdns ?? [])
            {
                PublicSuffix(report, allow.Document, name.MatchPattern, "lets traffic out to");
                StarWithoutDot(report, allow.Document, name.MatchPattern);
            }

            foreach (var port in allow.Entry.ToPorts ?? [])
            {
                foreach (var name in port.Rules?.Dns ?? [])
                {
                    PublicSuffix(report, allow.Document, name.MatchPattern, "answers queries for");
                    StarWithoutDot(report, allow.Document, name.MatchPattern);
                }

                foreach (var name in port.ServerNames ?? [])
                {
                    PublicSuffix(report, allow.Document, name, "admits");
                    StarWithoutDot(report, allow.Document, name);
                }
            }
        }
    }

    private static void PublicSuffix(LintReport report, PolicyDocument document, Located<string>? pattern, string effect)
    {
        var text = pattern?.Value.Trim().TrimEnd('.').ToLowerInvariant() ?? string.Empty;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 1 || text.AsSpan(0, dot).ContainsAnyExcept('*'))
        {
            return;
        }

        var suffix = text[(dot + 1)..];
        var isTopLevel = !suffix.Contains('.', StringComparison.Ordinal) && suffix.Length > 0 && !PrivateNames.Contains(suffix) && !suffix.Contains('*', StringComparison.Ordinal);
        if (isTopLevel || SharedSuffixes.Contains(suffix))
        {
            report.Warn(
                document,
                LintIds.PublicSuffixWildcard,
                pattern!.Value.Span,
                $"\"{pattern.Value.Value}\" {effect} names that anybody can register below \"{suffix}\"",
                $"name the owner too, for example \"*.yours.{suffix}\"");
        }
    }

    private static void StarWithoutDot(LintReport report, PolicyDocument document, Located<string>? pattern)
    {
        var text = pattern?.Value.Trim() ?? string.Empty;
        var name = text.TrimStart('*');
        if (name.Length < text.Length && name.Contains('.', StringComparison.Ordinal) && name[0] != '.')
        {
            report.Warn(
                document,
                LintIds.StarWithoutDot,
                pattern!.Value.Span,
                $"\"{text}\" matches \"{name}\" and \"evil{name}\", but not \"www.{name}\": a star never crosses a dot",
                $"\"{name}\" and \"*.{name}\" as two entries");
        }
    }
}
