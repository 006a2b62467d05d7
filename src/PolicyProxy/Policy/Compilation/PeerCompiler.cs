using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation;

/// <summary>The peers of one ingress or egress element: which identities it speaks of (semantics 2.4-2.8).</summary>
internal sealed class PeerCompiler(CompilationContext context, PolicyDocument document, PolicyRule rule)
{
    /// <summary>
    /// The selectors, OR-ed. Empty = selects nobody. <paramref name="isAbsent"/> = no peer field at all, which means everybody on the
    /// listed ports and nobody without ports (semantics 2.5).
    /// </summary>
    public IReadOnlyList<PeerSelector> Compile(DirectionRule element, out bool isAbsent)
    {
        isAbsent = false;

        // A present but empty list selects nothing and takes its siblings with it (edge cases 2, 5).
        if (IsEmpty(element.Endpoints) || IsEmpty(element.Cidrs) || IsEmpty(element.CidrSets) || IsEmpty(element.Entities) || IsEmpty(element.Nodes))
        {
            return [];
        }

        // Cilium reads these empty lists as "everybody" (edge cases 3, 4); so do we only when asked to (design D2).
        var emptyMeansNobody = !context.Options.CiliumCompatible;
        if (emptyMeansNobody && (IsEmpty(element.Fqdns) || IsEmpty(element.Services) || IsEmpty(element.Groups)))
        {
            return [];
        }

        var selectors = new List<PeerSelector>();
        selectors.AddRange((element.Endpoints ?? []).Select(s => SelectorCompiler.Peer(s, document, rule, context.Options.ClusterName)));
        selectors.AddRange((element.Nodes ?? []).Select(s => SelectorCompiler.Nodes(s, context.Options.ClusterName)));
        selectors.AddRange((element.Entities ?? []).SelectMany(e => EntitySelectors.Of(e.Value, context.Options.ClusterName)));
        selectors.AddRange((element.Cidrs ?? []).SelectMany(c => Cidr(c.Value, [])));
        selectors.AddRange((element.CidrSets ?? []).SelectMany(CidrSet));
        selectors.AddRange((element.Fqdns ?? []).SelectMany(Fqdn));
        var hasGroups = element.Groups is { Count: > 0 };
        var hasServices = element.Services is { Count: > 0 };
        if (hasServices)
        {
            selectors.AddRange(element.Services!.SelectMany(Service));
            isAbsent = selectors.Count == 0 && context.Options.CiliumCompatible;
        }

        // Groups are resolved by a provider that does not exist here: they select nobody (design D2, CVE-2025-64715).
        isAbsent |= !hasServices && !hasGroups && selectors.Count == 0 && element.Fqdns is not { Count: > 0 } && element.CidrSets is not { Count: > 0 };
        return [.. selectors.Select(context.Note).DistinctBy(s => s.Text)];
    }

    private static bool IsEmpty<T>(IReadOnlyList<T>? list) => list is { Count: 0 };

    private static IEnumerable<PeerSelector> Cidr(string text, IReadOnlyList<IpPrefix> except)
    {
        if (!IpPrefix.TryParse(text, out var prefix))
        {
            return [];
        }

        // A /0 network is the world of its family (semantics 2.7).
        return prefix.Length == 0 && except.Count == 0
            ? [LabelSelector.Reserved(prefix.IsIpv6 ? ReservedLabels.WorldIpv6 : ReservedLabels.WorldIpv4)]
            : [new CidrSelector(prefix, except)];
    }

    private IEnumerable<PeerSelector> CidrSet(CidrRule rule)
    {
        var except = rule.Except.Select(e => (Ok: IpPrefix.TryParse(e.Value, out var prefix), prefix)).Where(e => e.Ok).Select(e => e.prefix).ToArray();
        if (rule.Cidr is { } cidr)
        {
            return Cidr(cidr.Value, except);
        }

        if (rule.GroupRef is { } reference)
        {
            return [new CidrGroupSelector(reference.Value, context.GroupMembers(reference.Value), except)];
        }

        var requirements = SelectorCompiler.Requirements(rule.GroupSelector!, Label.CidrGroupSource);
        var groups = context.Objects.CidrGroups
            .Select(g => new CidrGroupLabels(g.Labels, context.GroupMembers(g.Name)))
            .ToArray();
        return [new CidrGroupLabelSelector(requirements, groups, except)];
    }

    private static IEnumerable<PeerSelector> Fqdn(DnsNameRule rule)
    {
        if (rule.MatchName is { Value.Length: > 0 } name)
        {
            yield return new FqdnSelector(name.Value, isPattern: false);
        }

        if (rule.MatchPattern is { Value.Length: > 0 } pattern)
        {
            yield return new FqdnSelector(pattern.Value, isPattern: true);
        }
    }

    private IEnumerable<PeerSelector> Service(ServiceReference reference)
    {
        foreach (var service in context.Objects.Services.Where(s => IsReferenced(reference, s)))
        {
            if (service.Selector.Count > 0)
            {
                var requirements = service.Selector
                    .Select(l => new LabelRequirement(Label.KubernetesSource, l.Key, LabelOperator.In, [l.Value]))
                    .Append(new LabelRequirement(Label.KubernetesSource, ReservedLabels.NamespaceKey, LabelOperator.In, [service.Namespace]))
                    .ToArray();
                yield return new LabelSelector(requirements);
                continue;
            }

            foreach (var selector in service.BackendAddresses.SelectMany(a => Cidr(a, [])))
            {
                yield return selector;
            }
        }
    }

    private static bool IsReferenced(ServiceReference reference, KubernetesService service)
    {
        if (!string.IsNullOrEmpty(reference.Namespace) && reference.Namespace != service.Namespace)
        {
            return false;
        }

        return reference.ServiceName is { } name
            ? name.Value == service.Name
            : reference.Selector is { } selector
                && new LabelSelector(SelectorCompiler.Requirements(selector)).Selects(
                    new Identity(0, new LabelSet(service.Labels.Select(l => new Label(Label.KubernetesSource, l.Key, l.Value))), null, []));
    }
}
