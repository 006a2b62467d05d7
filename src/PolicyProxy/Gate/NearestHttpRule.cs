using PolicyProxy.Flows;
using PolicyProxy.Policy.Re2;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>For a request no rule matched: the rule that came nearest and the part that missed. Slow path, only for reports.</summary>
internal static class NearestHttpRule
{
    public static NearestRule? Find<TRequest>(in ConnectionPermit permit, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        NearestRule? best = null;
        var bestScore = -1;
        foreach (var rule in permit.Policy?.HttpRules ?? [])
        {
            var (score, missed) = Compare(rule, request);
            if (score > bestScore && missed.Length > 0)
            {
                bestScore = score;
                best = new NearestRule(rule.Origin, missed);
            }
        }

        return best;
    }

    /// <summary>How near the rule is (higher is nearer) and what missed; an empty text when everything matched.</summary>
    public static (int Score, string Missed) Compare<TRequest>(HttpMatchRule rule, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        // A path that fits tells more than a method that fits: most rules share their method.
        var score = 0;
        var missed = string.Empty;
        Judge(rule.Path, "path", request.Path, 4, ref score, ref missed);
        Judge(rule.Host, "host", request.Authority, 3, ref score, ref missed);
        Judge(rule.Method, "method", request.Method, 2, ref score, ref missed);
        foreach (var header in rule.Headers)
        {
            var matches = header.Value is null ? request.HasHeader(header.Name)
                : header.Prefix ? request.HeaderStartsWith(header.Name, header.Value)
                : request.HeaderEquals(header.Name, header.Value);
            if (matches)
            {
                score++;
            }
            else if (missed.Length == 0)
            {
                // The expected value may be a credential, so only the name is reported.
                missed = header.Value is null ? $"header {header.Name} is missing" : $"header {header.Name} does not have the required value";
            }
        }

        return (score, !rule.CanMatch && missed.Length == 0 ? "the secret of a header match cannot be read" : missed);
    }

    private static void Judge(Re2Pattern? pattern, string part, ReadOnlySpan<char> text, int weight, ref int score, ref string missed)
    {
        if (pattern is null || new TextMatcher(pattern).Matches(text))
        {
            score += weight;
        }
        else if (missed.Length == 0)
        {
            missed = $"{part} \"{text}\" does not match \"{pattern.Text}\"";
        }
    }
}
