using System.Net;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>A relay without the server around it, so that a test reaches its loops and chooses the upstream's addresses.</summary>
internal sealed class BareRelay : IAsyncDisposable
{
    private readonly SidecarServices _services;

    private BareRelay(SidecarServices services, RelayServer server)
    {
        _services = services;
        Server = server;
    }

    public RelayServer Server { get; }

    public IPEndPoint Address => Server.Addresses[0];

    public static async Task<BareRelay> StartAsync(RelayOptions relay, params IPEndPoint[] upstream)
    {
        var options = OpenSidecar.Options(new Uri($"http://{upstream[0]}")) with { Relay = relay };
        var services = new SidecarServices(options);
        await services.StartAsync(CancellationToken.None);
        var shared = services.CreateShared(options, static (_, _, _) => throw new NotSupportedException("HTTP/2"), dns: null, tls: null, maxConnections: 1000);
        var server = new RelayServer(new RelayShared
        {
            Names = shared.Names,
            Options = shared.Options,
            Door = shared.Door,
            Kafka = shared.Kafka,
            Engine = shared.Engine,
            Upstream = new UpstreamAddresses("upstream", upstream[0].Port, TimeProvider.System, upstream),
            HandOver = shared.HandOver,
            OnFault = shared.OnFault,
            Budget = shared.Budget,
            Replies = shared.Replies,
            MaxConnections = shared.MaxConnections,
        });
        server.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        server.Start();
        return new BareRelay(services, server);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync(TimeSpan.Zero, CancellationToken.None);
        Server.Dispose();
        await _services.DisposeAsync();
    }
}
