using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Lints about who is selected and what that switches on (semantics 2.4, 3).</summary>
internal static class SubjectLints
{
    public static void Run(LintReport report, PolicyObjects objects)
    {
        foreach (var (document, rule) in RuleWalk.Rules(objects))
        {
            if (document.Kind == PolicyKind.NetworkPolicy)
            {
                continue;
            }

            EmptySubject(report, document, rule);
            DenyOnly(report, document, rule);
        }

        Clusterwide(report, objects);
    }

    private static void EmptySubject(LintReport report, PolicyDocument document, PolicyRule rule)
    {
        if (rule.EndpointSelector is not { MatchLabels.Count: 0, MatchExpressions.Count: 0 } selector)
        {
            return;
        }

        const string Fix = "name the workloads with matchLabels, or keep it if everything is meant";
        if (document.IsClusterwide)
        {
            report.Warn(
                document,
                LintIds.EmptySubject,
                selector.Span,
                "the empty endpointSelector selects every endpoint of the cluster, system workloads included",
                Fix);
        }
        else
        {
            report.Inform(
                document,
                LintIds.EmptySubject,
                selector.Span,
                $"the empty endpointSelector selects every pod of namespace {document.Namespace}",
                Fix);
        }
    }

    private static void DenyOnly(LintReport report, PolicyDocument document, PolicyRule rule)
    {
        if (rule is { IngressDeny: [var ingress, ..], Ingress.Count: 0, DefaultDenyIngress: null })
        {
            DenyOnly(report, document, ingress, "ingress", "from");
        }

        if (rule is { EgressDeny: [var egress, ..], Egress.Count: 0, DefaultDenyEgress: null })
        {
            DenyOnly(report, document, egress, "egress", "to");
        }
    }

    private static void DenyOnly(LintReport report, PolicyDocument document, DirectionRule first, string direction, string peers) =>
        report.Warn(
            document,
            LintIds.DenyOnlyIsolates,
            first.Span,
            $"deny rules alone also switch default deny on: without an allow rule all other {direction} is dropped too",
            $"add \"{direction}: [{{{peers}Entities: [all]}}]\" or \"enableDefaultDeny: {{{direction}: false}}\"");

    private static void Clusterwide(LintReport report, PolicyObjects objects)
    {
        foreach (var namespaced in objects.Policies.Where(p => !p.IsClusterwide))
        {
            foreach (var clusterwide in objects.Policies.Where(p => p.IsClusterwide))
            {
                if (SharedDirection(namespaced, clusterwide) is { } direction)
                {
                    report.Inform(
                        namespaced,
                        LintIds.ClusterwideAlsoApplies,
                        namespaced.Span,
                        $"{RuleWalk.Name(clusterwide)} ({clusterwide.Span.File}:{clusterwide.Span.Line}) may select the same subjects, and its {direction} rules add to these",
                        "read both together; a deny in either wins");
                }
            }
        }
    }

    private static string? SharedDirection(PolicyDocument namespaced, PolicyDocument clusterwide)
    {
        foreach (var rule in namespaced.Rules)
        {
            foreach (var other in clusterwide.Rules)
            {
                if (rule.EndpointSelector is null || other.EndpointSelector is null
                    || !SelectorCoverage.MayOverlap(rule.EndpointSelector, other.EndpointSelector))
                {
                    continue;
                }

                if (HasIngress(rule) && HasIngress(other))
                {
                    return "ingress";
                }

                if (HasEgress(rule) && HasEgress(other))
                {
                    return "egress";
                }
            }
        }

        return null;
    }

    private static bool HasIngress(PolicyRule rule) => rule.Ingress.Count + rule.IngressDeny.Count > 0;

    private static bool HasEgress(PolicyRule rule) => rule.Egress.Count + rule.EgressDeny.Count > 0;
}
