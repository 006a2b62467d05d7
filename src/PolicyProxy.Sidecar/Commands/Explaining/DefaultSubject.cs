using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>Finds out whose policies these are when the user does not say.</summary>
internal static class DefaultSubject
{
    /// <summary>The one namespace all namespaced policies are in; null when there is none or more than one.</summary>
    public static string? Namespace(PolicyObjects objects)
    {
        var namespaces = objects.Policies.Where(p => p.Namespace is not null).Select(p => p.Namespace!).Distinct(StringComparer.Ordinal).Take(2).ToList();
        return namespaces.Count == 1 ? namespaces[0] : null;
    }

    /// <summary>Every subject the policies name by labels, so that rules that contradict each other there are found.</summary>
    public static IReadOnlyList<LabelSet> All(PolicyObjects objects) =>
    [
        .. Subjects(objects, TrafficDirection.Ingress)
            .Union(Subjects(objects, TrafficDirection.Egress), StringComparer.Ordinal)
            .Select(LabelSet.Parse),
    ];

    /// <summary>The subject when the policies of a direction have only one.</summary>
    /// <exception cref="CommandFailureException">They have several.</exception>
    public static ExplainEnd Find(PolicyObjects objects, TrafficDirection direction, EndResolver resolver)
    {
        var subjects = Subjects(objects, direction);
        if (subjects.Count > 1)
        {
            throw new CommandFailureException($"whose policy? The policies have several subjects, name one with --subject: {string.Join(" | ", subjects)}");
        }

        if (subjects.Count == 0)
        {
            resolver.Assume("the subject has no labels of its own: no policy of this direction names any");
            return resolver.Workload(LabelSet.Empty);
        }

        var end = resolver.Workload(LabelSet.Parse(subjects[0]));
        resolver.Assume($"the subject is {subjects[0]}: the policies have no other");
        return end;
    }

    /// <summary>True if any rule speaks of this direction.</summary>
    public static bool HasRules(PolicyObjects objects, TrafficDirection direction) => Rules(objects, direction).Any();

    private static List<string> Subjects(PolicyObjects objects, TrafficDirection direction) =>
    [
        .. Rules(objects, direction)
            .Where(r => r.Rule.EndpointSelector is { MatchLabels.Count: > 0 })
            .Select(r => Text(r.Document, r.Rule.EndpointSelector!))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<(PolicyDocument Document, PolicyRule Rule)> Rules(PolicyObjects objects, TrafficDirection direction) =>
        from document in objects.Policies
        from rule in document.Rules
        where direction == TrafficDirection.Ingress
            ? rule.Ingress.Count + rule.IngressDeny.Count > 0
            : rule.Egress.Count + rule.EgressDeny.Count > 0
        select (document, rule);

    private static string Text(PolicyDocument document, SelectorSpec selector)
    {
        var labels = selector.MatchLabels
            .Select(l => (Key: l.Key.Value.Replace("any:", string.Empty, StringComparison.Ordinal).Replace("k8s:", string.Empty, StringComparison.Ordinal), l.Value.Value))
            .Where(l => l.Key != ReservedLabels.NamespaceKey)
            .OrderBy(l => l.Key, StringComparer.Ordinal)
            .Select(l => $"{l.Key}={l.Value}");
        var scope = document.Namespace is null ? [] : new[] { $"{ReservedLabels.NamespaceKey}={document.Namespace}" };
        return string.Join(',', labels.Concat(scope));
    }
}
