namespace PolicyProxy.Policy.Identities;

/// <summary>Labels and networks of one CIDR group.</summary>
internal sealed record CidrGroupLabels(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<IpPrefix> Members);

/// <summary>
/// Selects outside addresses by the labels of the CIDR groups they are in, without the excepted parts (semantics 2.7). The labels of
/// all groups of an address count together: In holds if one of them has the value, NotIn if none has. An address in no group is
/// never selected, so that a negative selector alone opens nothing.
/// </summary>
internal sealed class CidrGroupLabelSelector(
    IReadOnlyList<LabelRequirement> requirements, IReadOnlyList<CidrGroupLabels> groups, IReadOnlyList<IpPrefix> except)
    : PeerSelector($"cidrgroup:[{new LabelSelector(requirements).Text}]{CidrSelector.Excepted(except)}")
{
    public IEnumerable<IpPrefix> Prefixes => groups.SelectMany(g => g.Members).Concat(except);

    public override bool SpeaksOf(Identity identity, in IpPrefix network) => AreInside(Prefixes, identity, network);

    public override bool Selects(Identity identity)
    {
        if (!identity.IsWorld || identity.Cidr is not { } cidr || CidrSelector.AnyContains(except, cidr))
        {
            return false;
        }

        var containing = groups.Where(g => CidrSelector.AnyContains(g.Members, cidr)).ToArray();
        return containing.Length > 0 && requirements.All(r => IsMet(r, containing));
    }

    private static bool IsMet(LabelRequirement requirement, CidrGroupLabels[] containing)
    {
        var holds = Array.Exists(containing, g =>
            g.Labels.TryGetValue(requirement.Key, out var value)
            && (requirement.Operator is LabelOperator.Exists or LabelOperator.DoesNotExist || requirement.Values.Contains(value)));
        return requirement.Operator is LabelOperator.In or LabelOperator.Exists ? holds : !holds;
    }
}
