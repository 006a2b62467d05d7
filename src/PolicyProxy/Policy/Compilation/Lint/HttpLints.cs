using System.Globalization;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Lints about the parts of one HTTP rule (semantics 5.1, 5.2).</summary>
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

            if (rule.Method is { Value.Length: > 0 } method)
            {
                Method(report, allow.Document, method);
            }

            if (rule.Host is { Value.Length: > 0 } host)
            {
                UnescapedDot(report, allow.Document, host);
                HostWithoutPort(report, allow.Document, host, port);
            }

            foreach (var header in rule.Headers)
            {
                HeaderColon(report, allow.Document, header);
            }
        }
    }

    private static void Method(LintReport report, PolicyDocument document, Located<string> method)
    {
        if (method.Value.Any(char.IsAsciiLetterLower) && !method.Value.Contains("(?i", StringComparison.Ordinal)
            && !method.Value.Contains('\\', StringComparison.Ordinal))
        {
            var upper = method.Value.ToUpperInvariant();
            report.Warn(
                document,
                LintIds.MethodCase,
                method.Span,
                $"methods are compared with case and are upper case on the wire: \"{method.Value}\" does not match {upper}",
                $"method: \"{upper}\"");
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
                $"host is a regular expression: the dots in \"{host.Value}\" match any character, so \"{Counterexample(host.Value)}\" is allowed too",
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

    private static void HeaderColon(LintReport report, PolicyDocument document, Located<string> header)
    {
        var text = header.Value;
        if (text.Contains(' ', StringComparison.Ordinal) || text.IndexOf(':', Math.Min(1, text.Length)) is not (> 0 and var colon))
        {
            return;
        }

        var value = text[(colon + 1)..];
        report.Warn(
            document,
            LintIds.HeaderColon,
            header.Span,
            $"without a space \"{text}\" asks for a header of exactly that name, colon included, which no request has",
            value.Length == 0 ? $"\"{text[..colon]}\" if the header only has to be there, \"{text[..colon]}: value\" otherwise" : $"\"{text[..colon]}: {value}\"");
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

    private static string Counterexample(string host)
    {
        var plain = host.Replace("\\.", "\0", StringComparison.Ordinal);
        var dot = plain.IndexOf('.', StringComparison.Ordinal);
        return (plain[..dot] + "x" + plain[(dot + 1)..]).Replace('\0', '.');
    }
}
