using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>An allow rule of one direction together with the policy it stands in.</summary>
internal readonly record struct AllowRule(PolicyDocument Document, PolicyRule Rule, TrafficDirection Direction, DirectionRule Entry)
{
    public string PeerField => Direction == TrafficDirection.Ingress ? "from" : "to";
}

/// <summary>Walks over rules as lists, so that each lint is one loop.</summary>
internal static class RuleWalk
{
    public static IEnumerable<(PolicyDocument Document, PolicyRule Rule)> Rules(PolicyObjects objects) =>
        objects.Policies.SelectMany(document => document.Rules.Select(rule => (document, rule)));

    public static IEnumerable<AllowRule> Allows(PolicyObjects objects) =>
        Rules(objects).SelectMany(pair => Allows(pair.Document, pair.Rule));

    public static IEnumerable<AllowRule> Allows(PolicyDocument document, PolicyRule rule) =>
        rule.Ingress.Select(entry => new AllowRule(document, rule, TrafficDirection.Ingress, entry))
            .Concat(rule.Egress.Select(entry => new AllowRule(document, rule, TrafficDirection.Egress, entry)));

    public static IEnumerable<(PolicyDocument Document, DirectionRule Entry)> Entries(PolicyObjects objects) =>
        Rules(objects).SelectMany(pair => pair.Rule.Ingress
            .Concat(pair.Rule.IngressDeny)
            .Concat(pair.Rule.Egress)
            .Concat(pair.Rule.EgressDeny)
            .Select(entry => (pair.Document, entry)));

    public static IEnumerable<(AllowRule Allow, PortRule Port, HttpRule Rule)> Http(PolicyObjects objects) =>
        from allow in Allows(objects)
        from port in allow.Entry.ToPorts ?? []
        from rule in port.Rules?.Http ?? []
        select (allow, port, rule);

    public static string Name(PolicyDocument document) =>
        document.Namespace is null ? $"{document.Kind}/{document.Name}" : $"{document.Kind}/{document.Namespace}/{document.Name}";
}
