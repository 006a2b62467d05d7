using System.Net;
using System.Net.Sockets;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Gate;

/// <summary>
/// The networks an outsider must not be able to send a client to by a name or a redirect: this machine, private and carrier networks, link-local
/// addresses with the metadata services of clouds, multicast, and what translates into one of them (RFC 6890, RFC 6052, RFC 3056). A rule opens
/// one of their addresses only if it speaks of it. Static and thread-safe.
/// </summary>
internal static class SpecialNetworks
{
    private static readonly IpPrefix[] s_networks =
    [
        Network("0.0.0.0/8"), Network("10.0.0.0/8"), Network("100.64.0.0/10"), Network("127.0.0.0/8"), Network("169.254.0.0/16"),
        Network("172.16.0.0/12"), Network("192.0.0.0/24"), Network("192.168.0.0/16"), Network("168.63.129.16/32"), Network("198.18.0.0/15"),
        Network("224.0.0.0/3"), Network("::/127"), Network("64:ff9b:1::/48"), Network("fc00::/7"), Network("fe80::/9"), Network("ff00::/8"),
    ];

    private static readonly IpPrefix s_translated = Network("64:ff9b::/96");
    private static readonly IpPrefix s_tunnelled = Network("2002::/16");

    /// <summary>The special network of an address; null for a public one. A v4-mapped address counts as the IPv4 address it is.</summary>
    public static IpPrefix? Of(IPAddress address)
    {
        var prefix = IpPrefix.Host(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        foreach (var network in s_networks)
        {
            if (network.Contains(prefix))
            {
                return network;
            }
        }

        return s_translated.Contains(prefix) && Of(Embedded(address, 12)) is not null ? s_translated
            : s_tunnelled.Contains(prefix) && Of(Embedded(address, 2)) is not null ? s_tunnelled
            : null;
    }

    private static IPAddress Embedded(IPAddress address, int offset)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.AddressFamily == AddressFamily.InterNetworkV6 && address.TryWriteBytes(bytes, out _)
            ? new IPAddress(bytes.Slice(offset, 4))
            : IPAddress.None;
    }

    private static IpPrefix Network(string text) =>
        IpPrefix.TryParse(text, out var network) ? network : throw new ArgumentException(text, nameof(text));
}
