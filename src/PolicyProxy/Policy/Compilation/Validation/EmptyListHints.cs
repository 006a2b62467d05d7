using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Warns about lists that are present but empty, whose meaning surprises (semantics 2.5).</summary>
internal static class EmptyListHints
{
    public static void Report(DirectionRule rule, DirectionRuleContext context, ValidationScope scope)
    {
        ReportSelectsNothing(rule, rule.Endpoints?.Count, context.Side + "Endpoints", scope);
        ReportSelectsNothing(rule, rule.Cidrs?.Count, context.Side + "CIDR", scope);
        ReportSelectsNothing(rule, rule.CidrSets?.Count, context.Side + "CIDRSet", scope);
        ReportSelectsNothing(rule, rule.Entities?.Count, context.Side + "Entities", scope);
        ReportSelectsNothing(rule, rule.Nodes?.Count, context.Side + "Nodes", scope);
        ReportFailsClosed(rule, rule.Services?.Count, "toServices", scope);
        ReportFailsClosed(rule, rule.Fqdns?.Count, "toFQDNs", scope);
        ReportFailsClosed(rule, rule.Groups?.Count, context.Side + "Groups", scope);
        if (context.IsDeny && HasNoPeerField(rule) && rule.ToPorts is null or { Count: 0 } && rule.Icmps is null or { Count: 0 })
        {
            scope.Warning(
                PolicyDiagnosticIds.EmptyDenyRule,
                rule.Span,
                $"{rule.Path} denies nothing",
                $"write \"{context.Side}Entities: [all]\" to deny everything");
        }
    }

    private static bool HasNoPeerField(DirectionRule rule) =>
        rule is { Endpoints: null, Nodes: null, Entities: null, Cidrs: null, CidrSets: null, Groups: null, Services: null, Fqdns: null };

    private static void ReportSelectsNothing(DirectionRule rule, int? count, string field, ValidationScope scope)
    {
        if (count == 0)
        {
            scope.Warning(
                PolicyDiagnosticIds.EmptyPeerList,
                rule.Span,
                $"{rule.Path}.{field} is empty: the rule selects nothing",
                $"remove {field} to mean every peer, or list the peers");
        }
    }

    private static void ReportFailsClosed(DirectionRule rule, int? count, string field, ValidationScope scope)
    {
        if (count == 0)
        {
            scope.Warning(
                PolicyDiagnosticIds.EmptyListFailsClosed,
                rule.Span,
                $"{rule.Path}.{field} is empty: the rule selects nothing here, while Cilium would take it for every peer",
                $"remove {field} to mean every peer, or list the peers");
        }
    }
}
