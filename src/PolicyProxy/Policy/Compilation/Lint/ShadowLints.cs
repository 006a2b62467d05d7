using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>
/// Finds HTTP rules that can never decide. Rules are alternatives, and an HTTP rule that does not match falls through to plain
/// allows of the same peer and port (semantics 4.6): what is covered by either is dead weight, and usually not what was meant.
/// </summary>
internal static class ShadowLints
{
    public static void Run(LintReport report, PolicyObjects objects)
    {
        var allows = RuleWalk.Allows(objects).ToList();
        foreach (var allow in allows)
        {
            foreach (var port in allow.Entry.ToPorts ?? [])
            {
                if (port.Rules?.Http is not { Count: > 0 } rules)
                {
                    continue;
                }

                if (!PlainAllow(report, allows, allow, port))
                {
                    SameList(report, allow.Document, rules);
                }
            }
        }
    }

    /// <summary>True if one HTTP rule allows everything another one allows.</summary>
    internal static bool Covers(HttpRule other, HttpRule rule) =>
        SimplePattern.Covers(other.Path?.Value, rule.Path?.Value)
        && SimplePattern.Covers(other.Method?.Value, rule.Method?.Value)
        && SimplePattern.Covers(other.Host?.Value, rule.Host?.Value)
        && other.Headers.All(h => rule.Headers.Any(own => own.Value == h.Value))
        && other.HeaderMatches.Count == 0
        // Header edits run even if another rule already allowed the request, so such a rule is never dead (semantics 5.4).
        && rule.HeaderMatches.All(h => h.Mismatch is null or { Value.Length: 0 });

    private static void SameList(LintReport report, PolicyDocument document, IReadOnlyList<HttpRule> rules)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            for (var j = 0; j < rules.Count; j++)
            {
                // Of two equal rules only the later one is reported.
                if (i != j && Covers(rules[j], rules[i]) && (j < i || !Covers(rules[i], rules[j])))
                {
                    report.Warn(
                        document,
                        LintIds.ShadowedRule,
                        rules[i].Span,
                        $"this rule never decides: http[{j}] in line {rules[j].Span.Line} allows everything it allows",
                        "remove it, or narrow the other rule");
                    break;
                }
            }
        }
    }

    private static bool PlainAllow(LintReport report, List<AllowRule> allows, AllowRule allow, PortRule port)
    {
        foreach (var other in allows)
        {
            if (other.Direction != allow.Direction
                || !SelectorCoverage.Covers(other.Document, other.Rule, allow.Document, allow.Rule)
                || !SamePeers(other, allow)
                || PlainSpan(other, port) is not { } span)
            {
                continue;
            }

            report.Warn(
                allow.Document,
                LintIds.ShadowedRule,
                port.Rules!.Span,
                $"these rules never refuse anything: {RuleWalk.Name(other.Document)} line {span.Line} ({span.File}) allows the same peers this port without rules",
                "remove the plain allow, or restrict it to other peers");
            return true;
        }

        return false;
    }

    private static bool SamePeers(AllowRule other, AllowRule allow)
    {
        // Selectors without a namespace are scoped to their policy's own, so equal texts mean equal peers only within one scope.
        var sameScope = other.Document.Namespace == allow.Document.Namespace || allow.Entry.Endpoints is null;
        return ReferenceEquals(other.Entry, allow.Entry)
            || (TrafficCoverage.CoversPeers(other.Entry, allow.Entry) && (sameScope || other.Entry.Endpoints is null));
    }

    private static SourceSpan? PlainSpan(AllowRule other, PortRule port)
    {
        if (other.Entry.ToPorts is null or [])
        {
            var opensEveryPort = other.Entry.Icmps is null or [] && !TrafficCoverage.IsAnyPeer(other.Entry);
            return opensEveryPort ? other.Entry.Span : null;
        }

        foreach (var candidate in other.Entry.ToPorts)
        {
            if (!ReferenceEquals(candidate, port)
                && (candidate.Rules?.Count ?? 0) == 0
                && candidate is { ServerNames: null, TerminatingTls: null, OriginatingTls: null, Listener: null }
                && TrafficCoverage.CoversPorts(candidate, port.Ports))
            {
                return candidate.Span;
            }
        }

        return null;
    }
}
