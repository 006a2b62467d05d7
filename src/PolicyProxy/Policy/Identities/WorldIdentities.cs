using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Identities;

/// <summary>Makes the identities of outside addresses: world, plus the networks and groups that apply (semantics 2.3, 2.7).</summary>
internal sealed class WorldIdentities
{
    private readonly IdentityScope _scope;
    private readonly Func<LabelSet, IpPrefix?, IReadOnlyList<NamedPort>, Identity> _intern;

    public WorldIdentities(IdentityScope scope, Func<LabelSet, IpPrefix?, IReadOnlyList<NamedPort>, Identity> intern)
    {
        _scope = scope;
        _intern = intern;
        V4 = intern(new LabelSet([Family(isIpv6: false)]), null, []);
        V6 = intern(new LabelSet([Family(isIpv6: true)]), null, []);
    }

    public Identity V4 { get; }

    public Identity V6 { get; }

    /// <summary>One identity per network the policies tell apart.</summary>
    public Dictionary<IpPrefix, Identity> Prefixes()
    {
        var identities = new Dictionary<IpPrefix, Identity>();
        foreach (var prefix in _scope.Prefixes)
        {
            identities[prefix] = Of(prefix);
        }

        return identities;
    }

    private static Label Family(bool isIpv6) =>
        new(Label.ReservedSource, isIpv6 ? ReservedLabels.WorldIpv6 : ReservedLabels.WorldIpv4, string.Empty);

    private Identity Of(IpPrefix prefix)
    {
        var labels = new List<Label> { Family(prefix.IsIpv6), new(Label.CidrSource, prefix.ToString(), string.Empty) };
        foreach (var (name, members) in _scope.CidrGroups)
        {
            if (CidrSelector.AnyContains(members, prefix))
            {
                labels.Add(new Label(Label.CidrGroupSource, ReservedLabels.CidrGroupNamePrefix + name, string.Empty));
            }
        }

        return _intern(new LabelSet(labels), prefix, []);
    }
}
