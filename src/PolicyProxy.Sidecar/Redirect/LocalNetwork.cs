using System.Net;
using System.Net.NetworkInformation;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>What the machine's, or the pod's, network looks like from here.</summary>
internal static class LocalNetwork
{
    private const string DeviceTable = "/proc/net/dev";
    private const string Ipv6Routes = "/proc/net/ipv6_route";

    /// <summary>Addresses of this machine, which are the identity <c>host</c>.</summary>
    public static IReadOnlyList<IPAddress> Addresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static device => device.GetIPProperties().UnicastAddresses)
            .Select(static address => new IPAddress(address.Address.GetAddressBytes())) // without a scope
            .Distinct()];

    /// <summary>Numbers of the devices other than loopback, of this process' network namespace: /sys may show another one's.</summary>
    public static IReadOnlyList<int> Devices() =>
        [.. File.ReadLines(DeviceTable)
            .Select(static line => line.Split(':'))
            .Where(static parts => parts.Length > 1 && parts[0].Trim() is not "lo")
            .Select(static parts => (int)Libc.if_nametoindex(parts[0].Trim()))
            .Where(static number => number > 0)];

    /// <summary>True if some IPv6 route leads off this machine; link-local ones do not count.</summary>
    public static bool HasIpv6() => File.Exists(Ipv6Routes) && HasIpv6(File.ReadLines(Ipv6Routes));

    /// <summary>As <see cref="HasIpv6()"/>, for lines of <c>/proc/net/ipv6_route</c>.</summary>
    internal static bool HasIpv6(IEnumerable<string> routes)
    {
        foreach (var route in routes)
        {
            // destination, length, source, length, next hop, metric, references, uses, flags, device
            var fields = route.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields is [var destination, _, _, _, _, _, _, _, _, not "lo"] && !destination.StartsWith("fe80", StringComparison.Ordinal)
                && !destination.StartsWith("ff", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
