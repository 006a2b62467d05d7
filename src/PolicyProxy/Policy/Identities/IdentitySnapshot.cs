using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Policy.Identities;

/// <summary>
/// Addresses to identities, at one moment. Immutable; lookups take one probe per distinct prefix length in use. Two layers: what policies
/// and inventories say, replaced whole, and what DNS answers say, a persistent tree of which a new snapshot copies one path.
/// </summary>
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
    private readonly ProvenIdentities _proven;
    private readonly ImmutableDictionary<UInt128, LearnedAddress> _learned = ImmutableDictionary<UInt128, LearnedAddress>.Empty;

    public IdentitySnapshot(
        IReadOnlyDictionary<UInt128, Identity> hosts,
        IReadOnlyDictionary<IpPrefix, Identity> prefixes,
        IReadOnlyDictionary<UInt128, string> podNames,
        Identity worldV4,
        Identity worldV6,
        ProvenIdentities proven)
    {
        _proven = proven;
        _hosts = hosts.ToFrozenDictionary();
        _podNames = podNames.ToFrozenDictionary();
        _v4 = ByLength(prefixes, isIpv6: false);
        _v6 = ByLength(prefixes, isIpv6: true);
        _worldV4 = worldV4;
        _worldV6 = worldV6;
    }

    private IdentitySnapshot(IdentitySnapshot layer, ulong sequence, ImmutableDictionary<UInt128, LearnedAddress> learned)
    {
        _hosts = layer._hosts;
        _podNames = layer._podNames;
        _proven = layer._proven;
        _v4 = layer._v4;
        _v6 = layer._v6;
        _worldV4 = layer._worldV4;
        _worldV6 = layer._worldV6;
        _learned = learned;
        Sequence = sequence;
    }

    /// <summary>Grows with every snapshot of a table: of two, the one with the higher number is newer.</summary>
    public ulong Sequence { get; }

    /// <summary>What SPIFFE ids say.</summary>
    public ProvenIdentities Proven => _proven;

    /// <summary>What DNS answers say.</summary>
    public ImmutableDictionary<UInt128, LearnedAddress> Learned => _learned;

    /// <summary>The snapshot with other learned addresses.</summary>
    public IdentitySnapshot With(ulong sequence, ImmutableDictionary<UInt128, LearnedAddress> learned) => new(this, sequence, learned);

    /// <summary>
    /// Identity of an address: a known host, else what DNS answers say of it, else the most specific network of the policies, else world.
    /// </summary>
    public Identity Resolve(IPAddress address)
    {
        var key = HostKey(address);
        return _learned.TryGetValue(key, out var learned) ? learned.Identity : ResolveUnnamed(key);
    }

    /// <summary>What DNS answers say of an address; null if none has named it.</summary>
    public LearnedAddress? FindLearned(IPAddress address) => _learned.GetValueOrDefault(HostKey(address));

    /// <summary>The names for which DNS answers have given the address, lower case and without a final dot; empty for most addresses.</summary>
    public IReadOnlyList<string> NamesOf(IPAddress address) => FindLearned(address)?.Names ?? [];

    /// <summary>Identity of an address without regard to names.</summary>
    public Identity ResolveUnnamed(UInt128 key)
    {
        if (_hosts.TryGetValue(key, out var host))
        {
            return host;
        }

        var isIpv6 = (key & IpPrefix.Mask(MappedLength)) != s_mapped;
        var bits = isIpv6 ? key : key << MappedLength;
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

        foreach (var (bits, learned) in _learned)
        {
            if (learned.Identity.Names is not null)
            {
                yield return (bits, 128, learned.Identity);
            }
        }

        foreach (var (bits, identity) in _hosts)
        {
            yield return (bits, 128, identity);
        }
    }

    /// <summary>Name of the pod behind an address; empty when it is none.</summary>
    public string PodName(IPAddress? address) =>
        address is not null && _podNames.TryGetValue(HostKey(address), out var name)
            ? name
            : string.Empty;

    // IPv4 addresses are keyed as v4-mapped so that both families share one table.
    internal static UInt128 HostKey(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? s_mapped | (IpPrefix.BitsOf(address) >> MappedLength) : IpPrefix.BitsOf(address);

    private static (int Length, FrozenDictionary<UInt128, Identity> Prefixes)[] ByLength(
        IReadOnlyDictionary<IpPrefix, Identity> prefixes, bool isIpv6) =>
        [.. prefixes
            .Where(p => p.Key.IsIpv6 == isIpv6)
            .GroupBy(p => p.Key.Length)
            .OrderByDescending(g => g.Key)
            .Select(g => (g.Key, g.ToFrozenDictionary(p => p.Key.Bits, p => p.Value)))];
}
