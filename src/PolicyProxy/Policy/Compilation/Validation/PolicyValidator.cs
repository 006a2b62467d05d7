using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>
/// Accepts and refuses policy objects as Cilium 1.20 does (Kafka rules as 1.19), before namespaces are put into selectors (semantics 1.2 to 1.11,
/// 2.1, 2.2, 7.1). Reports every problem, not the first. Stateless.
/// </summary>
internal static class PolicyValidator
{
    /// <summary>True when the object is valid. One error anywhere rejects the whole object.</summary>
    public static bool Validate(PolicyDocument document, PolicyValidationOptions options, ICollection<PolicyDiagnostic> diagnostics)
    {
        var scope = new ValidationScope(options, diagnostics);
        if (document.Rules.Count == 0)
        {
            scope.Warning(PolicyDiagnosticIds.EmptyPolicy, document.Span, $"policy \"{document.Name}\" has no rules", "remove it, or give it a spec");
        }

        foreach (var rule in document.Rules)
        {
            ValidateRule(document, rule, scope);
        }

        return !scope.Failed;
    }

    /// <summary>True when the group is valid: every prefix parses.</summary>
    public static bool Validate(CidrGroup group, PolicyValidationOptions options, ICollection<PolicyDiagnostic> diagnostics)
    {
        var scope = new ValidationScope(options, diagnostics);
        foreach (var cidr in group.ExternalCidrs)
        {
            PeerValidator.Cidr(cidr, scope);
        }

        return !scope.Failed;
    }

    private static void ValidateRule(PolicyDocument document, PolicyRule rule, ValidationScope scope)
    {
        ValidateSubject(document, rule, scope);
        if (rule.Ingress.Count + rule.IngressDeny.Count + rule.Egress.Count + rule.EgressDeny.Count == 0)
        {
            scope.Error(
                PolicyDiagnosticIds.NoRules,
                rule.Span,
                $"{rule.Path} has no element in ingress, ingressDeny, egress or egressDeny",
                "write \"ingress: [{}]\" to isolate a direction without allowing anything");
        }

        if (rule.DefaultDenyIngress == true && rule.Ingress.Count + rule.IngressDeny.Count == 0 && !rule.SelectorsAreScoped)
        {
            WarnDefaultDeny(rule, "ingress", scope);
        }

        if (rule.DefaultDenyEgress == true && rule.Egress.Count + rule.EgressDeny.Count == 0 && !rule.SelectorsAreScoped)
        {
            WarnDefaultDeny(rule, "egress", scope);
        }

        var context = new DirectionRuleContext(IsEgress: false, IsDeny: false, rule.NodeSelector is not null, document.IsExtension, rule.SelectorsAreScoped);
        ValidateAll(rule.Ingress, context, scope);
        ValidateAll(rule.IngressDeny, context with { IsDeny = true }, scope);
        ValidateAll(rule.Egress, context with { IsEgress = true }, scope);
        ValidateAll(rule.EgressDeny, context with { IsEgress = true, IsDeny = true }, scope);
    }

    private static void ValidateAll(IReadOnlyList<DirectionRule> rules, DirectionRuleContext context, ValidationScope scope)
    {
        foreach (var rule in rules)
        {
            DirectionRuleValidator.Validate(rule, context, scope);
        }
    }

    private static void WarnDefaultDeny(PolicyRule rule, string direction, ValidationScope scope) => scope.Warning(
        PolicyDiagnosticIds.DefaultDenyWithoutRules,
        rule.Span,
        $"{rule.Path}.enableDefaultDeny.{direction} has no effect without {direction} or {direction}Deny rules",
        $"add \"{direction}: [{{}}]\" to isolate the direction");

    private static void ValidateSubject(PolicyDocument document, PolicyRule rule, ValidationScope scope)
    {
        if (rule.EndpointSelector is null && rule.NodeSelector is null)
        {
            scope.Error(
                PolicyDiagnosticIds.NoSubject, rule.Span, $"{rule.Path} has neither endpointSelector nor nodeSelector", "write \"endpointSelector: {}\" to select every pod of the namespace");
        }
        else if (rule.EndpointSelector is not null && rule.NodeSelector is not null)
        {
            scope.Error(
                PolicyDiagnosticIds.TwoSubjects, rule.NodeSelector.Span, $"{rule.Path} has both endpointSelector and nodeSelector", "split it into two rules under specs");
        }

        if (rule.NodeSelector is { } nodes)
        {
            SelectorValidator.Validate(nodes, scope);
            if (!document.IsClusterwide)
            {
                scope.Error(
                    PolicyDiagnosticIds.NodeSubjectInNamespaced,
                    nodes.Span,
                    $"{rule.Path}.nodeSelector is not allowed in a namespaced policy",
                    "use a CiliumClusterwideNetworkPolicy");
            }
        }

        if (rule.EndpointSelector is { } endpoints)
        {
            SelectorValidator.Validate(endpoints, scope);
            if (document.Namespace is { } ns && !rule.SelectorsAreScoped)
            {
                SelectorValidator.WarnForeignNamespace(endpoints, ns, scope);
            }
        }
    }
}
