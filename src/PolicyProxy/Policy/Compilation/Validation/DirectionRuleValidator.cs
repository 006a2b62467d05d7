using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates one element of ingress, egress, ingressDeny or egressDeny (semantics 1.3, 1.4).</summary>
internal static class DirectionRuleValidator
{
    private static readonly string[] s_authenticationModes = ["disabled", "required", "test-always-fail"];

    public static void Validate(DirectionRule rule, DirectionRuleContext context, ValidationScope scope)
    {
        CheckOnePeerKind(rule, context, scope);
        CheckSwitches(rule, context, scope);
        ValidatePeers(rule, context, scope);
        foreach (var icmp in rule.Icmps ?? [])
        {
            IcmpValidator.Validate(icmp, rule.Path, scope);
        }

        foreach (var port in rule.ToPorts ?? [])
        {
            PortRuleValidator.Validate(port, context, scope);
        }

        if (!context.IsTranslated)
        {
            EmptyListHints.Report(rule, context, scope);
        }
    }

    /// <summary>At most one kind of peer has elements: kinds are neither AND-ed nor OR-ed.</summary>
    private static void CheckOnePeerKind(DirectionRule rule, DirectionRuleContext context, ValidationScope scope)
    {
        (string Name, int Count, SourceSpan Span)[] kinds =
        [
            (context.Side + "Endpoints", rule.Endpoints?.Count ?? 0, FirstSpan(rule.Endpoints, static s => s.Span)),
            (context.Side + "CIDR", rule.Cidrs?.Count ?? 0, FirstSpan(rule.Cidrs, static c => c.Span)),
            (context.Side + "CIDRSet", rule.CidrSets?.Count ?? 0, FirstSpan(rule.CidrSets, static c => c.Span)),
            (context.Side + "Entities", rule.Entities?.Count ?? 0, FirstSpan(rule.Entities, static e => e.Span)),
            (context.Side + "Nodes", rule.Nodes?.Count ?? 0, FirstSpan(rule.Nodes, static n => n.Span)),
            (context.Side + "Groups", rule.Groups?.Count ?? 0, FirstSpan(rule.Groups, static g => g.Span)),
            ("toServices", rule.Services?.Count ?? 0, FirstSpan(rule.Services, static s => s.Span)),
            ("toFQDNs", rule.Fqdns?.Count ?? 0, FirstSpan(rule.Fqdns, static f => f.Span)),
        ];
        var used = Array.FindAll(kinds, static k => k.Count > 0);
        if (used.Length > 1)
        {
            scope.Error(
                PolicyDiagnosticIds.PeerKindsCombined,
                used[1].Span,
                $"{rule.Path} combines {string.Join(" and ", used.Select(static k => k.Name))}",
                "give each kind of peer its own rule; rules are OR-ed");
        }
    }

    private static void CheckSwitches(DirectionRule rule, DirectionRuleContext context, ValidationScope scope)
    {
        if (rule.Nodes is { Count: > 0 } nodes && !scope.Options.NodeSelectors)
        {
            scope.Error(
                PolicyDiagnosticIds.NodesDisabled,
                nodes[0].Span,
                $"{rule.Path}.{context.Side}Nodes: node selectors are switched off",
                $"use {context.Side}Entities: [host, remote-node], or switch node selectors on");
        }

        if (rule.Requires is { Count: > 0 } requires)
        {
            scope.Error(
                PolicyDiagnosticIds.RequiresRemoved,
                requires[0].Span,
                $"{rule.Path}.{context.Side}Requires was removed from the API",
                $"put the requirement into every selector of {context.Side}Endpoints");
        }

        if (rule.Icmps is { Count: > 0 })
        {
            if (!scope.Options.IcmpRules)
            {
                scope.Error(PolicyDiagnosticIds.IcmpDisabled, rule.Icmps[0].Span, $"{rule.Path}.icmps: ICMP rules are switched off", "switch ICMP rules on");
            }

            if (rule.ToPorts is { Count: > 0 })
            {
                scope.Error(PolicyDiagnosticIds.IcmpWithPorts, rule.Icmps[0].Span, $"{rule.Path} has icmps and toPorts", "give icmps its own rule");
            }
        }

        if (rule.AuthenticationMode is { } mode && !s_authenticationModes.Contains(mode.Value))
        {
            scope.Error(
                PolicyDiagnosticIds.AuthenticationMode,
                mode.Span,
                $"{rule.Path}.authentication.mode \"{mode.Value}\" is unknown",
                "use disabled, required or test-always-fail");
        }
    }

    private static void ValidatePeers(DirectionRule rule, DirectionRuleContext context, ValidationScope scope)
    {
        foreach (var selector in (rule.Endpoints ?? []).Concat(rule.Nodes ?? []))
        {
            SelectorValidator.Validate(selector, scope);
        }

        foreach (var entity in rule.Entities ?? [])
        {
            PeerValidator.Entity(entity, scope);
        }

        foreach (var cidr in rule.Cidrs ?? [])
        {
            PeerValidator.Cidr(cidr, scope);
        }

        foreach (var set in rule.CidrSets ?? [])
        {
            PeerValidator.CidrSet(set, scope);
        }

        foreach (var service in rule.Services ?? [])
        {
            PeerValidator.Service(service, scope);
        }

        foreach (var fqdn in rule.Fqdns ?? [])
        {
            DnsRuleValidator.Fqdn(fqdn, scope);
        }

        if (rule.Groups is { Count: > 0 } groups)
        {
            scope.Warning(
                PolicyDiagnosticIds.GroupsNotResolved,
                groups[0].Span,
                $"{rule.Path}.{context.Side}Groups is not resolved here: it selects nothing",
                $"list the addresses with {context.Side}CIDRSet or a CiliumCIDRGroup");
        }
    }

    private static SourceSpan FirstSpan<T>(IReadOnlyList<T>? list, Func<T, SourceSpan> span) => list is { Count: > 0 } ? span(list[0]) : default;
}
