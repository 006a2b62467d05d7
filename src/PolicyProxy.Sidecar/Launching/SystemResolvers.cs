using System.Net;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>The resolvers this machine is configured to ask.</summary>
internal static class SystemResolvers
{
    private const string Default = "/etc/resolv.conf";

    /// <summary>Addresses of resolv.conf(5), in order; the machine itself if there are none or the file cannot be read, as the C library does.</summary>
    /// <param name="file">The file.</param>
    public static IReadOnlyList<IPAddress> Read(string file = Default)
    {
        try
        {
            return Parse(File.ReadLines(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Parse([]);
        }
    }

    private static IReadOnlyList<IPAddress> Parse(IEnumerable<string> lines)
    {
        var found = new List<IPAddress>();
        foreach (var line in lines)
        {
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var text, ..] && IPAddress.TryParse(text, out var address))
            {
                found.Add(Asked(address));
            }
        }

        return found.Count > 0 ? found : [IPAddress.Loopback];
    }

    // The address as policy sees it: without a scope, and the machine itself where none is given.
    private static IPAddress Asked(IPAddress address) => address switch
    {
        { IsIPv4MappedToIPv6: true } => Asked(address.MapToIPv4()),
        _ when address.Equals(IPAddress.Any) => IPAddress.Loopback,
        _ when address.Equals(IPAddress.IPv6Any) => IPAddress.IPv6Loopback,
        _ => new IPAddress(address.GetAddressBytes()),
    };
}
