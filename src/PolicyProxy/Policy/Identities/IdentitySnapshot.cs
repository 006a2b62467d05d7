using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Policy.Identities;

/// <summary>Addresses to identities, at one moment. Immutable; lookups take one probe per distinct prefix length in use.</summary>
internal sealed class IdentitySnapshot
{
    private const int MappedLength = 96;
    private static readonly UInt128 s_mapped = (UInt128)0xffff << 32;

    private readonly FrozenDictionary<UInt128, Identity> _hosts;
    private readonly (int Length, FrozenDictionary<UInt128, Identity> Prefixes)[] _v4;
    private readonly (int Length, FrozenDictionary<UInt128, Identity> Prefixes)[] _v6;
    private readonly Identity _worldV4;
    private readonly Identity _worldV6;
    private readonly FrozenDictionary<UInt128, string> _podNames;

    public IdentitySnapshot(
        IReadOnlyDictionary<UInt128, Identity> hosts,
        IReadOnlyDictionary<IpPrefix, Identity> prefixes,
        IReadOnlyDictionary<UInt128, string> podNames,
        Identity worldV4,
        Identity worldV6)
    {
        _hosts = hosts.ToFrozenDictionary();
        _podNames = podNames.ToFrozenDictionary();
        _v4 = ByLength(prefixes, isIpv6: false);
        _v6 = ByLength(prefixes, isIpv6: true);
        _worldV4 = worldV4;
        _worldV6 = worldV6;
    }

    /// <summary>Identity of an address: a known host, else the most specific network of the policies, else world.</summary>
    public Identity Resolve(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (_hosts.TryGetValue(HostKey(address), out var host))
        {
            return host;
        }

        var isIpv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var bits = IpPrefix.BitsOf(address);
        foreach (var (length, prefixes) in isIpv6 ? _v6 : _v4)
        {
            if (prefixes.TryGetValue(bits & IpPrefix.Mask(length), out var identity))
            {
                return identity;
            }
        }

        return isIpv6 ? _worldV6 : _worldV4;
    }

    /// <summary>
    /// Everything <see cref="Resolve"/> knows, as prefixes of v4-mapped addresses of which the longest match decides: left-aligned bits,
    /// length from 0 to 128, identity.
    /// </summary>
    public IEnumerable<(UInt128 Bits, int Length, Identity Identity)> Prefixes()
    {
        yield return (UInt128.Zero, 0, _worldV6);
        yield return (s_mapped, MappedLength, _worldV4);
        foreach (var (length, prefixes) in _v4)
        {
            foreach (var (bits, identity) in prefixes)
            {
                yield return (s_mapped | (bits >> MappedLength), MappedLength + length, identity);
            }
        }

        foreach (var (length, prefixes) in _v6)
        {
            // Never asked: a mapped address is resolved as the IPv4 address it is.
            foreach (var (bits, identity) in prefixes.Where(p => length < MappedLength || (p.Key & IpPrefix.Mask(MappedLength)) != s_mapped))
            {
                yield return (bits, length, identity);
            }
        }

        foreach (var (bits, identity) in _hosts)
        {
            yield return (bits, 128, identity);
        }
    }

    /// <summary>Name of the pod behind an address; empty when it is none.</summary>
    public string PodName(IPAddress? address) =>
        address is not null && _podNames.TryGetValue(HostKey(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address), out var name)
            ? name
            : string.Empty;

    // IPv4 addresses are keyed as v4-mapped so that both families share one table.
    internal static UInt128 HostKey(IPAddress address) => IpPrefix.BitsOf(address.MapToIPv6());

    private static (int Length, FrozenDictionary<UInt128, Identity> Prefixes)[] ByLength(
        IReadOnlyDictionary<IpPrefix, Identity> prefixes, bool isIpv6) =>
        [.. prefixes
            .Where(p => p.Key.IsIpv6 == isIpv6)
            .GroupBy(p => p.Key.Length)
            .OrderByDescending(g => g.Key)
            .Select(g => (g.Key, g.ToFrozenDictionary(p => p.Key.Bits, p => p.Value)))];
}
