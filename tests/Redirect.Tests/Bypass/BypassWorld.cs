using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Bypass;

/// <summary>
/// Host 2 is judged at layer 7, two TCP ports and one UDP port of host 3 are open, everything else is denied. Whatever arrives anywhere is in a log.
/// </summary>
internal sealed class BypassWorld : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly EchoServer _echo;

    private BypassWorld(WorldNetwork network, WorldServer server)
    {
        Network = network;
        Server = server;
        _echo = new EchoServer(network.Namespace, network.V4(3), network.V6(3));
        Host = new HostSockets(network.Here4);
        Packets = new PacketLog(network.Namespace);
        Folder = Directory.CreateTempSubdirectory();
        CopyPrograms();
    }

    public WorldNetwork Network { get; }

    public WorldServer Server { get; }

    public HostSockets Host { get; }

    public PacketLog Packets { get; }

    /// <summary>Readable for every user, with the programs in it.</summary>
    public DirectoryInfo Folder { get; }

    public int OpenTcp => _echo.TcpPort;

    public int OpenUdp => _echo.UdpPort;

    /// <summary>An open port nobody listens on, for attempts whose first packet already would be too much.</summary>
    public int RouteTcp => 7;

    public string Policy => Policies.Egress($$"""
        - toCIDR: ["{{Network.V4(2)}}/32", "{{Network.V6(2)}}/128"]
          toPorts:
          - ports: [{port: "{{Server.Port}}", protocol: TCP}]
            rules:
              http:
              - {method: GET, path: "/open"}
        - toCIDR: ["{{Network.V4(3)}}/32", "{{Network.V6(3)}}/128"]
          toPorts:
          - ports: [{port: "{{OpenTcp}}", protocol: TCP}, {port: "{{RouteTcp}}", protocol: TCP}, {port: "{{OpenUdp}}", protocol: UDP}]
        """);

    public static async Task<BypassWorld> StartAsync()
    {
        var network = new WorldNetwork();
        return new BypassWorld(network, await WorldServer.StartAsync(network.Namespace));
    }

    /// <summary>The command that makes attempts.</summary>
    /// <param name="program">One of the programs.</param>
    /// <param name="aim">At whom.</param>
    /// <param name="names">Which; none = all.</param>
    public string[] Command(string program, Aim aim, params string[] names)
    {
        var places = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["denied4"] = $"{Network.V4(aim.Host)}",
            ["denied6"] = $"{Network.V6(aim.Host)}",
            ["open4"] = $"{Network.V4(3)}",
            ["open6"] = $"{Network.V6(3)}",
            ["judged4"] = $"{Network.V4(2)}",
            ["judged6"] = $"{Network.V6(2)}",
            ["here4"] = $"{Network.Here4}",
            ["here6"] = $"{Network.Here6}",
            ["device"] = Network.Device,
            ["port"] = aim.FirstPort,
            ["ethertype"] = aim.EtherType,
            ["open_tcp"] = OpenTcp,
            ["open_udp"] = OpenUdp,
            ["route_tcp"] = RouteTcp,
            ["judged_tcp"] = Server.Port,
            ["host_tcp"] = Host.TcpPort,
            ["host_udp"] = Host.UdpPort,
            ["cgroups"] = CgroupMount.Find().Point,
        });
        return ["/usr/bin/python3", "-B", Path.Combine(Folder.FullName, program), places, .. names.Length == 0 ? [] : new[] { string.Join(',', names) }];
    }

    /// <summary>What has arrived up to now, after everything sent before has.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ArrivedAsync()
    {
        using var marker = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var since = Stopwatch.GetTimestamp();
        var key = $"udp {Network.V4(9)}:9";
        var before = Packets.Seen.GetValueOrDefault(key);
        marker.SendTo([0], new IPEndPoint(Network.V4(9), 9));
        while (Packets.Seen.GetValueOrDefault(key) == before)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < s_limit, "the log of packets does not work");
            await Task.Yield();
        }

        return new Dictionary<string, int>(Packets.Seen);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _echo.Dispose();
        Host.Dispose();
        Packets.Dispose();
        Network.Dispose();
        Folder.Delete(recursive: true);
    }

    private void CopyPrograms()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Bypass", "Programs")))
        {
            File.Copy(file, Path.Combine(Folder.FullName, Path.GetFileName(file)));
        }

        NetworkNamespace.Execute("chmod", ["-R", "a+rX", Folder.FullName]);
    }
}
