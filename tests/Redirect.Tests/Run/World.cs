using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Run;

/// <summary>A network with web servers on port 8080 and 8081 of every host, and a log of every packet. Shared by the tests of one class.</summary>
public sealed class World : IAsyncLifetime
{
    internal WorldNetwork Network { get; private set; } = null!;

    internal PacketLog Packets { get; private set; } = null!;

    internal WorldServer Server { get; private set; } = null!;

    internal WorldServer Plain { get; private set; } = null!;

    /// <summary>GET /ok on port 8080 of every host; everything on port 8081 of host 3; nothing else.</summary>
    internal string Policy => Policies.Egress($$"""
        - toCIDR: ["{{Network.V4(0)}}/24", "{{Network.V6(0)}}/64"]
          toPorts:
          - ports: [{port: "8080", protocol: TCP}]
            rules:
              http:
              - {method: GET, path: "/ok.*"}
        - toCIDR: ["{{Network.V4(3)}}/32", "{{Network.V6(3)}}/128"]
          toPorts:
          - ports: [{port: "8081", protocol: TCP}]
        """);

    public async Task InitializeAsync()
    {
        Network = new WorldNetwork();
        Packets = new PacketLog(Network.Namespace);
        Server = await WorldServer.StartAsync(Network.Namespace, 8080);
        Plain = await WorldServer.StartAsync(Network.Namespace, 8081);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Plain.DisposeAsync();
        Packets.Dispose();
        Network.Dispose();
    }
}
