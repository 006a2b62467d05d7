using System.Globalization;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Lints about the parts of one HTTP rule (semantics 5.1). Methods and headers that never match are the validator's business (PP1507).</summary>
internal static class HttpLints
{
    public static void Run(LintReport report, PolicyObjects objects)
    {
        foreach (var (allow, port, rule) in RuleWalk.Http(objects))
        {
            if (rule.Path is { Value.Length: > 0 } path)
            {
                HttpPathLints.Run(report, allow.Document, rule, path);
            }

            if (rule.Host is { Value.Length: > 0 } host)
            {
                UnescapedDot(report, allow.Document, host);
                HostWithoutPort(report, allow.Document, host, port);
            }
        }
    }

    private static void UnescapedDot(LintReport report, PolicyDocument document, Located<string> host)
    {
        var escaped = EscapeDots(host.Value);
        if (escaped != host.Value)
        {
            report.Warn(
                document,
                LintIds.UnescapedDot,
                host.Span,
                $"host is a regular expression: the dots in \"{host.Value}\" match any character, so \"{Counterexample(host.Value, escaped)}\" is allowed too",
                $"host: '{escaped}'");
        }
    }

    private static void HostWithoutPort(LintReport report, PolicyDocument document, Located<string> host, PortRule port)
    {
        if (host.Value.Contains(':', StringComparison.Ordinal)
            || SimplePattern.TryParse(host.Value) is not { } pattern
            || pattern.Branches.Any(b => b.IsOpen)
            || port.Ports is not [{ EndPort: 0 } only]
            || !ushort.TryParse(only.Port.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number is 0 or 80 or 443)
        {
            return;
        }

        report.Warn(
            document,
            LintIds.HostWithoutPort,
            host.Span,
            $"clients of port {number} send it in the Host header (\"{host.Value}:{number}\"), and the pattern has to match the whole",
            $"host: '{EscapeDots(host.Value)}(:{number})?'");
    }

    /// <summary>Escapes the dots that stand for themselves: not escaped yet, in no class, without quantifier.</summary>
    internal static string EscapeDots(string pattern)
    {
        var text = new System.Text.StringBuilder(pattern.Length + 4);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                text.Append(c).Append(pattern[++i]);
                continue;
            }

            inClass = c == '[' || (inClass && c != ']');
            var quantified = i + 1 < pattern.Length && "*+?{".Contains(pattern[i + 1], StringComparison.Ordinal);
            text.Append(c == '.' && !inClass && !quantified ? "\\." : c.ToString());
        }

        return text.ToString();
    }

    /// <summary>The host with another character at its first unescaped dot.</summary>
    private static string Counterexample(string host, string escaped)
    {
        var dot = host.AsSpan().CommonPrefixLength(escaped);
        return (host[..dot] + "x" + host[(dot + 1)..]).Replace("\\.", ".", StringComparison.Ordinal);
    }
}
