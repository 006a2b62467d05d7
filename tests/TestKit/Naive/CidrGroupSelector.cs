using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.TestKit.Naive;

/// <summary>Addresses of CIDR groups chosen by name or by labels (semantics 2.7).</summary>
internal sealed record CidrGroupSelector(string Chosen, Func<IReadOnlyList<CidrGroup>, bool> Choose, IReadOnlyList<CidrGroup> All, IReadOnlyList<IpPrefix> Except)
    : NaiveSelector($"group {Chosen} except {string.Join(' ', Except.Select(e => e.ToString()).Order(StringComparer.Ordinal))}")
{
    public static CidrGroupSelector Named(string name, IReadOnlyList<CidrGroup> all, IReadOnlyList<IpPrefix> except) =>
        new("name " + name, groups => groups.Any(g => g.Name == name), all, except);

    public static CidrGroupSelector Labelled(SelectorSpec selector, IReadOnlyList<CidrGroup> all, IReadOnlyList<IpPrefix> except)
    {
        var requirements = Requirement.ReadAll(selector, "cidrgroup");
        return new(string.Join(" & ", requirements), groups => requirements.All(r => Holds(r, groups)), all, except);
    }

    public override bool Selects(FlowParty party)
    {
        if (party.Address is null)
        {
            return false;
        }

        var host = IpPrefix.Host(party.Address);
        var groups = All.Where(g => g.ExternalCidrs.Any(c => IpPrefix.TryParse(c.Value, out var p) && p.Contains(host))).ToList();
        // an address in no group is not meant, whatever the selector says of its labels
        return groups.Count > 0 && Choose(groups) && !Except.Any(e => e.Contains(host));
    }

    // The address carries the labels of all its groups at once, so a key can have several values.
    private static bool Holds(Requirement requirement, IReadOnlyList<CidrGroup> groups)
    {
        var values = groups.Where(g => g.Labels.ContainsKey(requirement.Key)).Select(g => g.Labels[requirement.Key]).ToList();
        return requirement.Operator switch
        {
            "In" => values.Any(requirement.Values.Contains),
            "NotIn" => !values.Any(requirement.Values.Contains),
            "Exists" => values.Count > 0,
            _ => values.Count == 0,
        };
    }
}
