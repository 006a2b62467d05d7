using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates entities, address prefixes and service references (semantics 1.10, 2.6 to 2.8).</summary>
internal static class PeerValidator
{
    private const string CidrFix = "write address/length, for example 10.0.0.0/8 or 2001:db8::/32";

    public static void Entity(Located<string> entity, ValidationScope scope)
    {
        if (!EntityNames.All.Contains(entity.Value))
        {
            scope.Error(
                PolicyDiagnosticIds.UnknownEntity,
                entity.Span,
                $"entity \"{entity.Value}\" is unknown",
                $"use one of {string.Join(", ", EntityNames.All.Order(StringComparer.Ordinal))}");
        }
        else if (EntityNames.IsMissingInSchema(entity.Value))
        {
            scope.SchemaNarrower(entity.Span, $"entity {entity.Value}", "use world, or a prefix of length 0");
        }
    }

    public static void Cidr(Located<string> cidr, ValidationScope scope) => TryCidr(cidr, scope, out _);

    public static void CidrSet(CidrRule rule, ValidationScope scope)
    {
        var sources = (rule.Cidr is null ? 0 : 1) + (rule.GroupRef is null ? 0 : 1) + (rule.GroupSelector is null ? 0 : 1);
        if (sources != 1)
        {
            scope.Error(
                PolicyDiagnosticIds.CidrSource,
                rule.Span,
                $"a CIDR set element has {(sources == 0 ? "none" : "more than one")} of cidr, cidrGroupRef and cidrGroupSelector",
                "give exactly one of them");
        }

        if (rule.GroupSelector is { } selector)
        {
            SelectorValidator.Validate(selector, scope);
        }

        if (rule.GroupRef is { } group && !LabelSyntax.IsDnsSubdomain(group.Value))
        {
            scope.SchemaNarrower(group.Span, $"cidrGroupRef \"{group.Value}\" is not a resource name");
        }

        if (rule.Cidr is { } cidr && TryCidr(cidr, scope, out var prefix) && sources == 1)
        {
            CheckExceptions(rule, prefix, scope);
        }
        else if (rule.Cidr is null)
        {
            // Cilium does not look at these (semantics 1.10); a prefix that does not parse would except nothing.
            foreach (var except in rule.Except)
            {
                Cidr(except, scope);
            }
        }
    }

    public static void Service(ServiceReference service, ValidationScope scope)
    {
        if (service.Selector is { } selector)
        {
            SelectorValidator.Validate(selector, scope);
        }
        else if (service.ServiceName is null or { Value.Length: 0 })
        {
            scope.Warning(PolicyDiagnosticIds.NeverMatches, service.Span, "a toServices element names no service: it selects nothing", "give k8sService.serviceName or k8sServiceSelector");
        }
    }

    private static void CheckExceptions(CidrRule rule, CidrPrefix prefix, ValidationScope scope)
    {
        foreach (var except in rule.Except)
        {
            if (TryCidr(except, scope, out var excepted) && !prefix.Contains(excepted))
            {
                scope.Error(
                    PolicyDiagnosticIds.CidrExcept,
                    except.Span,
                    $"exception {except.Value} does not lie inside {rule.Cidr!.Value.Value}",
                    "except only parts of the prefix itself");
            }
        }
    }

    private static bool TryCidr(Located<string> cidr, ValidationScope scope, out CidrPrefix prefix)
    {
        if (CidrSyntax.TryParse(cidr.Value, out prefix))
        {
            return true;
        }

        var fix = CidrSyntax.TryParseAddress(cidr.Value, out var single) ? $"write {cidr.Value}/{single.Length} for this one address" : CidrFix;
        scope.Error(PolicyDiagnosticIds.CidrSyntax, cidr.Span, $"\"{cidr.Value}\" is not an address prefix", fix);
        return false;
    }
}
