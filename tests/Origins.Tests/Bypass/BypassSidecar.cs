using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>The real sidecar with <see cref="BypassPolicy"/> before a real origin, and the flows it makes.</summary>
internal sealed class BypassSidecar : IAsyncDisposable
{
    private readonly SidecarServer _server;

    private BypassSidecar(SidecarServer server, Origin origin, FlowLog flows)
    {
        _server = server;
        Origin = origin;
        Flows = flows;
    }

    public IPEndPoint Address => _server.Addresses[0];

    public Origin Origin { get; }

    public FlowLog Flows { get; }

    /// <summary>
    /// Starts both. Requests of all clients follow each other on the same connections to the origin, which is not the default: what an
    /// attacker leaves behind on one would meet the next client.
    /// </summary>
    public static async Task<BypassSidecar> StartAsync(OriginKind kind)
    {
        var origin = await Origin.StartAsync(kind);
        var flows = new FlowLog();
        return new BypassSidecar(await StartServerAsync(origin.Address, flows), origin, flows);
    }

    /// <summary>The sidecar alone.</summary>
    internal static Task<SidecarServer> StartServerAsync(IPEndPoint upstream, FlowLog flows) => SidecarServer.StartAsync(new SidecarOptions
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        Upstream = new Uri($"http://{upstream}"),
        Labels = LabelSet.Parse(BypassPolicy.SubjectLabels),
        PolicyPort = BypassPolicy.Port,
        Relay = new RelayOptions { Loops = 1, Reuse = UpstreamReuse.Shared },
        Configure = policies =>
        {
            foreach (var text in BypassPolicy.Texts)
            {
                policies.FromText(text);
            }

            policies.Services.AddSingleton<IFlowObserver>(flows);
        },
    });

    /// <summary>Requests judged from a place in the flows on, in order.</summary>
    public IReadOnlyList<FlowRecord> JudgedFrom(FlowCursor start)
    {
        var flows = new List<FlowRecord>();
        _ = Flows.Read(start, int.MaxValue, flows, out var lost);
        Assert.Equal(0, lost);
        return [.. flows.Where(static flow => flow.L7 is HttpRecord { IsResponse: false })];
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Origin.DisposeAsync();
    }
}
