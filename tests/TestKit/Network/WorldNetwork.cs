using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;

namespace PolicyProxy.TestKit.Network;

/// <summary>
/// A network behind a cable of its own: this machine's end has one address a family, the other end is a namespace with several.
/// Nothing of it is reachable from elsewhere.
/// </summary>
internal sealed class WorldNetwork : IDisposable
{
    private static readonly Lock s_lock = new();
    private static readonly HashSet<int> s_taken = [];

    private readonly int _number;

    /// <summary>Lays the cable.</summary>
    /// <param name="near">Namespace of the near end; null = this process' own.</param>
    public WorldNetwork(NetworkNamespace? near = null)
    {
        _number = Take();
        var name = string.Create(CultureInfo.InvariantCulture, $"pp{Environment.ProcessId:x}{_number:x}");
        Namespace = NetworkNamespace.Create($"{name}w");
        Device = $"{name}a";
        NetworkNamespace.Ip("link", "add", Device, "type", "veth", "peer", "name", "eth0", "netns", Namespace.Name);
        if (near is not null)
        {
            NetworkNamespace.Ip("link", "set", Device, "netns", near.Name);
        }

        Action<string[]> here = near is null ? NetworkNamespace.Ip : near.IpInside;
        here(["addr", "add", $"{Here4}/24", "dev", Device]);
        here(["addr", "add", $"{Here6}/64", "dev", Device, "nodad"]);
        here(["link", "set", Device, "up"]);
        for (var host = 2; host <= 9; host++)
        {
            Namespace.IpInside("addr", "add", $"{V4(host)}/24", "dev", "eth0");
            Namespace.IpInside("addr", "add", $"{V6(host)}/64", "dev", "eth0", "nodad");
        }

        Namespace.IpInside("link", "set", "eth0", "up");
    }

    /// <summary>The other end.</summary>
    public NetworkNamespace Namespace { get; }

    /// <summary>Name of this end's device.</summary>
    public string Device { get; }

    public IPAddress Here4 => V4(1);

    public IPAddress Here6 => V6(1);

    /// <summary>An IPv4 address of the other end, host 2 to 9.</summary>
    public IPAddress V4(int host) => IPAddress.Parse(Address4(_number, host));

    /// <summary>An IPv6 address of the other end, host 2 to 9.</summary>
    public IPAddress V6(int host) => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"fd00:213:{_number:x}::{host}"));

    public void Dispose()
    {
        Namespace.Dispose();
        lock (s_lock)
        {
            s_taken.Remove(_number);
        }
    }

    // Of two networks with one number only one is reached: that of another class, or what a process that was killed has left.
    private static int Take()
    {
        lock (s_lock)
        {
            var addresses = NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(static device => device.GetIPProperties().UnicastAddresses.Select(static address => address.Address.ToString()))
                .ToHashSet(StringComparer.Ordinal);
            int number;
            do
            {
                number = RandomNumberGenerator.GetInt32(1, 255);
            }
            while (addresses.Contains(Address4(number, 1)) || !s_taken.Add(number));
            return number;
        }
    }

    private static string Address4(int number, int host) => string.Create(CultureInfo.InvariantCulture, $"10.213.{number}.{host}");
}
