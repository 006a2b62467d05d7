using System.Net;
using System.Net.Sockets;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Identities;

/// <summary>Makes the identities of outside addresses: world, plus the networks, groups and DNS selectors that apply (semantics 2.3, 2.7, 2.8).</summary>
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
            identities[prefix] = Of(prefix, []);
        }

        return identities;
    }

    /// <summary>Identity of a learned address: its most specific network plus the DNS selectors its names satisfy.</summary>
    public Identity Of(IPAddress address, IEnumerable<string> names)
    {
        var host = IpPrefix.Host(address);
        IpPrefix? best = null;
        foreach (var prefix in _scope.Prefixes)
        {
            if (prefix.Contains(host) && (best is null || prefix.Length > best.Value.Length))
            {
                best = prefix;
            }
        }

        var selectors = _scope.FqdnSelectors.Where(s => names.Any(s.Matches)).Select(s => new Label(Label.FqdnSource, s.Pattern, string.Empty));
        return Of(best, selectors, address.AddressFamily == AddressFamily.InterNetworkV6);
    }

    private static Label Family(bool isIpv6) =>
        new(Label.ReservedSource, isIpv6 ? ReservedLabels.WorldIpv6 : ReservedLabels.WorldIpv4, string.Empty);

    private Identity Of(IpPrefix prefix, IEnumerable<Label> more) => Of((IpPrefix?)prefix, more, prefix.IsIpv6);

    private Identity Of(IpPrefix? prefix, IEnumerable<Label> more, bool isIpv6)
    {
        var labels = new List<Label>(more) { Family(isIpv6) };
        if (prefix is { } known)
        {
            labels.Add(new Label(Label.CidrSource, known.ToString(), string.Empty));
            foreach (var (name, members) in _scope.CidrGroups)
            {
                if (CidrSelector.AnyContains(members, known))
                {
                    labels.Add(new Label(Label.CidrGroupSource, ReservedLabels.CidrGroupNamePrefix + name, string.Empty));
                }
            }
        }

        return _intern(new LabelSet(labels), prefix, []);
    }
}
