using System.Text.RegularExpressions;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>The selectors of one rule element: which peers it speaks of (semantics 2.4-2.8).</summary>
internal sealed class NaivePeers(NaiveSettings settings, PolicyDocument policy, PolicyRule rule)
{
    private static readonly LabelsSelector Everybody = new([]);

    private static readonly string[] ClusterEntities =
        [ReservedLabels.Host, ReservedLabels.RemoteNode, ReservedLabels.Init, ReservedLabels.Ingress, ReservedLabels.Health, ReservedLabels.Unmanaged, ReservedLabels.KubeApiServer];

    /// <summary>All selectors, OR-ed; none = nobody. Nobody is what cloud groups and node selectors come to: nothing here resolves them.</summary>
    public IReadOnlyList<NaiveSelector> Of(DirectionRule element)
    {
        // semantics 2.5: a present but empty list of these kinds silences the whole element
        if (element.Endpoints is { Count: 0 } || element.Nodes is { Count: 0 } || element.Entities is { Count: 0 }
            || element.Cidrs is { Count: 0 } || element.CidrSets is { Count: 0 })
        {
            return [];
        }

        if (!settings.CiliumCompatible
            && (element.Groups is { Count: 0 } || element.Fqdns is { Count: 0 } || element.Services is { Count: 0 }))
        {
            return [];
        }

        List<NaiveSelector> selectors =
        [
            .. (element.Endpoints ?? []).Select(Endpoint),
            .. (element.Entities ?? []).SelectMany(e => Entity(e.Value)),
            .. (element.Cidrs ?? []).Select(c => Cidr(c.Value, [])),
            .. (element.CidrSets ?? []).Select(CidrSet),
            .. (element.Fqdns ?? []).Select(Fqdn),
            .. (element.Services ?? []).SelectMany(Service),
        ];

        var named = (element.Endpoints ?? element.Nodes)?.Count > 0 || element.Entities?.Count > 0 || element.Cidrs?.Count > 0
            || element.CidrSets?.Count > 0 || element.Groups?.Count > 0 || element.Fqdns?.Count > 0
            || (element.Services?.Count > 0 && (selectors.Count > 0 || !settings.CiliumCompatible));
        var hasPorts = element.ToPorts?.Count > 0 || element.Icmps?.Count > 0;
        return named || !hasPorts ? selectors : [Everybody];
    }

    private LabelsSelector Endpoint(SelectorSpec written)
    {
        var requirements = Requirement.ReadAll(written, rule.SelectorsAreScoped ? "k8s" : "any");
        return new LabelsSelector(rule.SelectorsAreScoped ? requirements : Scoped(requirements));
    }

    /// <summary>semantics 2.4, steps 1 to 3.</summary>
    private List<Requirement> Scoped(List<Requirement> requirements)
    {
        if (requirements.Any(r => r.Source == "reserved"))
        {
            return requirements;
        }

        List<Requirement> added = [];
        if (!requirements.Any(r => r.IsKubernetesKey && r.Key == Requirement.Namespace))
        {
            if (policy.Namespace is null)
            {
                var subject = rule.EndpointSelector is null ? [] : Requirement.ReadAll(rule.EndpointSelector, "any");
                if (!subject.Any(r => r is { Source: "reserved", Key: ReservedLabels.Init }))
                {
                    added.Add(Requirement.Exists("k8s", Requirement.Namespace));
                }
            }
            else if (!requirements.Any(r => r.IsKubernetesKey && r.Key.StartsWith(Requirement.NamespaceLabels)))
            {
                added.Add(Requirement.Equal("k8s", Requirement.Namespace, policy.Namespace));
            }
        }

        if (!requirements.Any(r => r.IsKubernetesKey && r.Key == Requirement.Cluster))
        {
            added.Add(Requirement.Equal("k8s", Requirement.Cluster, settings.ClusterName));
        }

        return [.. requirements, .. added];
    }

    private IEnumerable<NaiveSelector> Entity(string name) => name switch
    {
        "all" => [Everybody],
        "world" => [Reserved("world"), Reserved("world-ipv4"), Reserved("world-ipv6")],
        "cluster" =>
            [.. ClusterEntities.Select(Reserved), new LabelsSelector([Requirement.Equal("k8s", Requirement.Cluster, settings.ClusterName)])],
        "cluster-mesh" => [.. ClusterEntities.Select(Reserved), new LabelsSelector([Requirement.Exists("any", Requirement.Cluster)])],
        _ => [Reserved(name)],
    };

    private static LabelsSelector Reserved(string name) => new([Requirement.Equal("reserved", name, "")]);

    /// <summary>semantics 2.7: a whole family without holes is its world entity, so the two merge.</summary>
    private static NaiveSelector Cidr(string text, IReadOnlyList<IpPrefix> except) =>
        !IpPrefix.TryParse(text, out var prefix) ? new NobodySelector(text)
        : prefix.Length == 0 && except.Count == 0 ? Reserved(prefix.IsIpv6 ? "world-ipv6" : "world-ipv4")
        : new CidrSelector(prefix, except);

    private NaiveSelector CidrSet(CidrRule written)
    {
        var except = written.Except.Select(e => IpPrefix.TryParse(e.Value, out var p) ? p : default).ToList();
        if (written.Cidr is { } cidr)
        {
            return Cidr(cidr.Value, except);
        }

        return written.GroupRef is { } name
            ? CidrGroupSelector.Named(name.Value, settings.CidrGroups, except)
            : CidrGroupSelector.Labelled(written.GroupSelector!, settings.CidrGroups, except);
    }

    private static FqdnSelector Fqdn(DnsNameRule written)
    {
        var text = written.MatchName?.Value is { Length: > 0 } name ? name : written.MatchPattern?.Value ?? "";
        Regex? pattern = DnsPattern.Of(written, matchAllIsAnyName: false);
        return new FqdnSelector(text, pattern);
    }

    /// <summary>semantics 2.8: a service with a selector stands for its pods, one without for its backend addresses.</summary>
    private IEnumerable<NaiveSelector> Service(ServiceReference written)
    {
        foreach (var service in settings.Services.Where(s => Refers(written, s)))
        {
            if (service.Selector.Count == 0)
            {
                foreach (var address in service.BackendAddresses)
                {
                    yield return Cidr(address, []);
                }
            }
            else
            {
                yield return new LabelsSelector(
                [
                    .. service.Selector.Select(l => Requirement.Equal("k8s", l.Key, l.Value)),
                    Requirement.Equal("k8s", Requirement.Namespace, service.Namespace),
                ]);
            }
        }
    }

    private static bool Refers(ServiceReference written, KubernetesService service)
    {
        if (!string.IsNullOrEmpty(written.Namespace) && written.Namespace != service.Namespace)
        {
            return false;
        }

        if (written.ServiceName is { } name)
        {
            return name.Value == service.Name;
        }

        var labels = new LabelSet(service.Labels.Select(l => new Label("k8s", l.Key, l.Value)));
        return written.Selector is { } selector && Requirement.ReadAll(selector, "any").All(r => r.Holds(labels));
    }
}
