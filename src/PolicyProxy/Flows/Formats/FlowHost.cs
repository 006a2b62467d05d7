using System.Globalization;
using System.Net;

namespace PolicyProxy.Flows.Formats;

/// <summary>How an end of a flow is called in text.</summary>
internal static class FlowHost
{
    /// <summary><c>namespace/pod:port</c>, else the DNS names, else the address; brackets around a host with colons, no port 0.</summary>
    public static string NameOf(FlowEndpoint endpoint)
    {
        var host = endpoint switch
        {
            { PodName.Length: > 0, Identity.Namespace: { Length: > 0 } space } => $"{space}/{endpoint.PodName}",
            { PodName.Length: > 0 } => endpoint.PodName,
            { Names.Count: > 0 } => string.Join(',', endpoint.Names),
            { Address: { } address } => Address(address.Address),
            _ => "unknown",
        };
        if (endpoint.Address is not { Port: > 0 and var port })
        {
            return host;
        }

        return host.Contains(':', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"[{host}]:{port}")
            : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
    }

    /// <summary>The address as Go's parser reads it: IPv4-mapped addresses as IPv4, no IPv6 zone.</summary>
    public static string Address(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && address.ScopeId != 0
            ? new IPAddress(address.GetAddressBytes()).ToString()
            : address.ToString();
    }
}
