using System.Net;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>The resolvers this machine is configured to ask.</summary>
internal static class SystemResolvers
{
    private const string File = "/etc/resolv.conf";

    /// <summary>Addresses of resolv.conf(5), in order; the machine itself if there are none, as the C library does.</summary>
    public static IReadOnlyList<IPAddress> Read() => Parse(System.IO.File.Exists(File) ? System.IO.File.ReadLines(File) : []);

    /// <summary>Reads lines of resolv.conf(5).</summary>
    public static IReadOnlyList<IPAddress> Parse(IEnumerable<string> lines)
    {
        var found = new List<IPAddress>();
        foreach (var line in lines)
        {
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var text, ..] && IPAddress.TryParse(text, out var address))
            {
                found.Add(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
            }
        }

        return found.Count > 0 ? found : [IPAddress.Loopback];
    }
}
