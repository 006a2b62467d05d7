using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Compares DNS rules with names and patterns as written (semantics 6.1). Errs towards "not admitted".</summary>
internal static class DnsNamePattern
{
    /// <summary>True if the DNS rule certainly lets every name through that <paramref name="wanted"/>, a name or a pattern, can mean.</summary>
    public static bool Admits(DnsNameRule rule, string wanted)
    {
        var target = Normalize(wanted);
        if (rule.MatchName is { } name && Normalize(name.Value) == target)
        {
            return true;
        }

        return rule.MatchPattern is { } pattern && Covers(Normalize(pattern.Value), target);
    }

    private static bool Covers(string pattern, string target)
    {
        if (pattern == target || pattern.All(c => c == '*'))
        {
            return true;
        }

        if (pattern.StartsWith("**.", StringComparison.Ordinal))
        {
            // One or more labels in front of the rest, whatever the target has there.
            var suffix = pattern[2..];
            return !suffix.Contains('*', StringComparison.Ordinal)
                && target.EndsWith(suffix, StringComparison.Ordinal)
                && target.Length > suffix.Length;
        }

        return !target.StartsWith("**.", StringComparison.Ordinal) && CoversLabels(pattern.Split('.'), target.Split('.'));
    }

    private static bool CoversLabels(string[] pattern, string[] target) =>
        pattern.Length == target.Length && pattern.Zip(target).All(pair => CoversLabel(pair.First, pair.Second));

    private static bool CoversLabel(string pattern, string target)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return pattern == target;
        }

        var (head, tail) = (pattern[..star], pattern[(star + 1)..].TrimStart('*'));
        return !tail.Contains('*', StringComparison.Ordinal)
            && target.Length >= head.Length + tail.Length
            && target.StartsWith(head, StringComparison.Ordinal)
            && target.EndsWith(tail, StringComparison.Ordinal);
    }

    private static string Normalize(string name) => name.Trim().TrimEnd('.').ToLowerInvariant();
}
